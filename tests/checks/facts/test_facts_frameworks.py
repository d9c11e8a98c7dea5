from __future__ import annotations

from pathlib import Path

import pytest
from asking import errors, facts, oracle

pytestmark = pytest.mark.frameworks

TORCH_SETUP = """
import torch
torch.use_deterministic_algorithms(True, warn_only=True)
torch.utils.deterministic.fill_uninitialized_memory = False
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
torch.set_float32_matmul_precision("medium")
torch.backends.cudnn.benchmark = True
torch.backends.cudnn.deterministic = True
torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
torch.backends.cuda.enable_flash_sdp(False)
torch.backends.mkldnn.enabled = False
torch.manual_seed(41)
"""
TORCH_ORACLE = """
import json
print(json.dumps({
    "torch.version": str(torch.__version__),
    "torch.git_version": torch.version.git_version,
    "torch.deterministic": torch.are_deterministic_algorithms_enabled(),
    "torch.deterministic.warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
    "torch.deterministic.debug_mode": torch.get_deterministic_debug_mode(),
    "torch.deterministic.fill": torch.utils.deterministic.fill_uninitialized_memory,
    "torch.threads.intra": torch.get_num_threads(),
    "torch.threads.inter": torch.get_num_interop_threads(),
    "torch.default_dtype": str(torch.get_default_dtype()),
    "torch.float32_matmul_precision": torch.get_float32_matmul_precision(),
    "torch.cuda.matmul.bf16_reduction": torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction,
    "torch.cudnn.benchmark": torch.backends.cudnn.benchmark,
    "torch.cudnn.deterministic": torch.backends.cudnn.deterministic,
    "torch.sdpa.flash": torch.backends.cuda.flash_sdp_enabled(),
    "torch.sdpa.math": torch.backends.cuda.math_sdp_enabled(),
    "torch.onednn.enabled": torch.backends.mkldnn.enabled,
    "torch.cpu.capability": torch.backends.cpu.get_cpu_capability(),
    "torch.seed": torch.initial_seed(),
}))
"""
TENSORFLOW_SETUP = """
import tensorflow as tf
tf.config.experimental.enable_op_determinism()
tf.config.experimental.enable_tensor_float_32_execution(False)
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.optimizer.set_jit("autoclustering")
tf.random.set_seed(5)
tf.config.set_soft_device_placement(False)
tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
"""
TENSORFLOW_ORACLE = """
import json
from tensorflow.python.framework import config
print(json.dumps({
    "tensorflow.version": tf.__version__,
    "tensorflow.git_version": tf.__git_version__,
    "tensorflow.compiler": tf.__compiler_version__,
    "tensorflow.deterministic": config.is_op_determinism_enabled(),
    "tensorflow.tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
    "tensorflow.seed": 5,
    "tensorflow.threads.intra": tf.config.threading.get_intra_op_parallelism_threads(),
    "tensorflow.jit": tf.config.optimizer.get_jit(),
    "tensorflow.soft_placement": tf.config.get_soft_device_placement(),
    "tensorflow.keras.policy": tf.keras.mixed_precision.global_policy().name,
}))
"""
JAX_SETUP = """
import jax
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_matmul_precision", "highest")
jax.config.update("jax_default_prng_impl", "rbg")
jax.config.update("jax_num_cpu_devices", 2)
"""
JAX_ORACLE = """
import json, jaxlib
print(json.dumps({
    "jax.version": jax.__version__,
    "jax.jaxlib.version": jaxlib.__version__,
    "jax.backend": jax.default_backend(),
    "jax.devices.count": jax.device_count(),
    "jax.config.jax_enable_x64": jax.config.jax_enable_x64,
    "jax.config.jax_default_matmul_precision": jax.config.jax_default_matmul_precision,
    "jax.config.jax_default_prng_impl": jax.config.jax_default_prng_impl,
    "jax.config.jax_threefry_partitionable": jax.config.jax_threefry_partitionable,
    "jax.config.jax_num_cpu_devices": jax.config.jax_num_cpu_devices,
}))
"""
CASES = {
    "torch": (TORCH_SETUP, TORCH_ORACLE, {"torch.deterministic": True, "torch.default_dtype": "torch.float64"}),
    "tensorflow": (TENSORFLOW_SETUP, TENSORFLOW_ORACLE, {"tensorflow.deterministic": True, "tensorflow.tf32": False}),
    "jax": (JAX_SETUP, JAX_ORACLE, {"jax.config.jax_enable_x64": True, "jax.devices.count": 2}),
}


@pytest.fixture(scope="module", params=CASES)
def answered(request, tmp_path_factory):
    """Facts before and after of a process with moved switches, and what a program of its own says of them."""
    setup, code, moved = CASES[request.param]
    path = tmp_path_factory.mktemp("setup") / "moved.py"
    path.write_text(setup)
    groups = (request.param, request.param + "_after")
    return request.param, facts(*groups, framework=request.param, setup=path), oracle(setup + code), moved


def test_switches_are_those_in_force(answered):
    """Every switch that the set-up code moved is recorded as it stands, and equals what the framework itself says."""
    _, found, told, moved = answered

    assert {name: found[name].value for name in told} == told
    assert {name: found[name].value for name in moved} == moved


def test_no_framework_fact_fails(answered):
    """On a processor without a GPU nothing is an error: what makes no sense there says why."""
    _, found, _, _ = answered

    assert errors(found) == {}


def test_switches_are_read_again_after_the_work(answered):
    """Each switch read after the work equals the one before when nothing ran in between."""
    framework, found, _, _ = answered
    again = [name for name in found if name.startswith(framework + ".after.")]
    config = "jax.config." if framework == "jax" else framework + "."

    assert again
    assert {name: found[name].value for name in again} == {
        name: found[config + name.split(".after.")[1]].value for name in again
    }


def test_the_framework_s_own_library_is_among_the_loaded(answered):
    """The libraries are those that the process has mapped: the framework's own, from its package, with their size."""
    framework, found, _, _ = answered
    own = {"torch": "libtorch_cpu.so", "tensorflow": "libtensorflow_framework.so.2", "jax": "libjax_common.so"}
    loaded = {one["library"]: one for one in found[framework + ".libraries.loaded"].value}
    paths = {Path(path).name: Path(path) for path in found[framework + ".libraries.paths"].value}

    assert not loaded[own[framework]]["path"].startswith("/")
    assert loaded[own[framework]]["size"] == paths[own[framework]].stat().st_size
    assert "libm.so.6" in loaded


def test_gpu_facts_are_not_applicable_without_a_gpu(answered):
    """Where a framework was built without a GPU, its GPU facts say so instead of being left out."""
    framework, found, _, _ = answered
    keys = {
        "torch": ("torch.devices", "torch.cudnn.version", "torch.nccl.version", "torch.build.cuda"),
        "tensorflow": ("tensorflow.devices", "tensorflow.build.cudnn"),
        "jax": (),
    }
    if framework == "torch" and found["torch.build.cuda"].state == "value":
        pytest.skip("this torch was built with CUDA")

    assert {found[name].state for name in keys[framework]} <= {"not-applicable"}
    assert all(found[name].reason for name in keys[framework])


def test_jax_s_configuration_is_complete():
    """No configuration value of the installed JAX is missing: each has its own key."""
    found = facts("jax", framework="jax")
    names = oracle("import jax, json; print(json.dumps(sorted(jax.config.values)))")

    assert found["jax.config.undeclared"].value == []
    assert {"jax.config." + name for name in names} <= set(found)


def test_unknown_configuration_is_listed(tmp_path):
    """A configuration value that this program does not know by name is recorded all the same."""
    setup = tmp_path / "newer.py"
    setup.write_text(
        "from jax._src import config\nconfig.bool_state(name='jax_from_the_future', default=True, help='x')\n"
    )
    found = facts("jax", framework="jax", setup=setup)

    assert found["jax.config.undeclared"].value == ["jax_from_the_future=True"]


def test_one_broken_call_costs_one_fact(tmp_path):
    """A call of the framework that raises is that fact's error; a name that it has not is not-applicable."""
    setup = tmp_path / "broken.py"
    setup.write_text(
        "import torch\n"
        "def broken():\n    raise OSError('no threads today')\n"
        "torch.get_num_threads = broken\n"
        "del torch.is_anomaly_enabled\n"
        "torch.backends.fp32_precision = 'tf32'\n"
        "torch.backends.cudnn.conv.fp32_precision = 'ieee'\n"
    )
    found = facts("torch", framework="torch", setup=setup)

    assert errors(found) == {"torch.threads.intra": "OSError: no threads today"}
    assert found["torch.anomaly_mode"].state == "not-applicable"
    assert found["torch.fp32_precision"].value == "tf32"
    assert found["torch.cudnn.allow_tf32"].state == "unknown"


def test_runtimes_tell_their_threads(monkeypatch):
    """BLAS and OpenMP runtimes answer with the threads that they will really use."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    found = {one["kind"]: one for one in facts("torch_after", framework="torch")["torch.libraries.runtimes"].value}

    assert {kind: one["threads"] for kind, one in found.items()} == {"openblas": 1, "openmp": 1}
    assert found["openblas"]["core"]
