"""The lints of environment variables, each with variables really set, and with planted distributions."""

from pathlib import Path

import pytest
import support

from auditor.replies import Absent

NVIDIA_DRIVER_SETUP = """
import os
real = os.path.exists
os.path.exists = lambda path: path == "/proc/driver/nvidia/version" or real(path)
"""
VARIABLES = (
    "PYTHONHASHSEED",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "NPROC",
    "CUBLAS_WORKSPACE_CONFIG",
    "NVIDIA_TF32_OVERRIDE",
    "TF_DETERMINISTIC_OPS",
    "TF_CUDNN_DETERMINISTIC",
    "XLA_FLAGS",
    "NCCL_ALGO",
    "NCCL_PROTO",
)


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cuda_build(tmp_path, monkeypatch):
    """A distribution of CUDA's libraries on PYTHONPATH."""
    folder = tmp_path / "nvidia_cublas_cu12-12.8.4.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: nvidia-cublas-cu12\nVersion: 12.8.4\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.fixture
def nvidia_device(tmp_path):
    """The path of a set-up file that makes an NVIDIA driver appear to be loaded."""
    path = tmp_path / "driver.py"
    path.write_text(NVIDIA_DRIVER_SETUP)
    return str(path)


@pytest.mark.parametrize(("value", "outcome"), [(None, "fail"), ("random", "fail"), ("0", "pass"), ("4711", "pass")])
def test_hash_seed_must_be_a_number(monkeypatch, value, outcome):
    """PYTHONHASHSEED unset or `random` fails, a number passes."""
    if value is not None:
        monkeypatch.setenv("PYTHONHASHSEED", value)

    assert outcome == support.verdict("environment-hash-seed-set").outcome


def test_a_hash_seed_set_by_the_program_is_too_late(tmp_path):
    """A set-up file that sets PYTHONHASHSEED inside the process is told that it came too late."""
    setup = tmp_path / "late.py"
    setup.write_text("import os\nos.environ['PYTHONHASHSEED'] = '0'\n")

    found = support.verdict("environment-hash-seed-set", setup=str(setup))

    assert (
        found.outcome,
        found.evidence["broken"]["PYTHONHASHSEED"]["observed"],
    ) == ("fail", "set after the process started")


def test_threads_must_be_fixed_for_each_framework(monkeypatch):
    """With only OMP_NUM_THREADS set, TensorFlow and JAX still take what the machine has."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    partly = support.verdict("environment-threads-pinned")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    monkeypatch.setenv("NPROC", "2")

    assert sorted(partly.evidence["broken"]) == ["threads of jax", "threads of tensorflow"]
    assert support.verdict("environment-threads-pinned").outcome == "pass"


@pytest.mark.parametrize("value", ["0", "many", ""])
def test_a_thread_count_that_is_none_fails(monkeypatch, value):
    """Zero, a word or nothing is no number of threads."""
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "NPROC"):
        monkeypatch.setenv(name, value)

    assert support.verdict("environment-threads-pinned").outcome == "fail"


CUDA_LINTS = {
    "cublas-workspace": ("CUBLAS_WORKSPACE_CONFIG", ":4096:8", ":0:0"),
    "tf32-override": ("NVIDIA_TF32_OVERRIDE", "0", "maybe"),
    "xla-flags": ("XLA_FLAGS", "--a=1 --xla_gpu_deterministic_ops=true", "--xla_gpu_deterministic_ops=false"),
}


@pytest.mark.parametrize("check", CUDA_LINTS)
def test_lints_of_cuda_builds(monkeypatch, request, check):
    """Without CUDA they do not apply; with a CUDA build unset and wrong values fail and the right one passes."""
    name, good, bad = CUDA_LINTS[check]
    absent = support.measure(f"environment-{check}")
    request.getfixturevalue("cuda_build")
    outcomes = []
    for value in (None, bad, good):
        if value is not None:
            monkeypatch.setenv(name, value)
        outcomes.append(support.verdict(f"environment-{check}").outcome)

    assert outcomes == ["fail", "fail", "pass"]
    assert isinstance(absent, Absent) or Path("/proc/driver/nvidia/version").exists()


@pytest.mark.usefixtures("cuda_build")
def test_the_last_mention_of_an_xla_flag_counts(monkeypatch):
    """A flag that is switched on and off again is off."""
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_deterministic_ops=true --xla_gpu_deterministic_ops=false")

    assert support.verdict("environment-xla-flags").outcome == "fail"


def test_nccl_applies_with_a_device_only(monkeypatch, nvidia_device):
    """Without an NVIDIA device it does not apply; with one, both variables must name one choice."""
    absent = support.measure("environment-nccl")
    monkeypatch.setenv("NCCL_ALGO", "Ring,Tree")
    several = support.verdict("environment-nccl", setup=nvidia_device)
    monkeypatch.setenv("NCCL_ALGO", "Ring")
    monkeypatch.setenv("NCCL_PROTO", "Simple")

    assert isinstance(absent, Absent)
    assert sorted(several.evidence["broken"]) == ["NCCL_ALGO", "NCCL_PROTO"]
    assert support.verdict("environment-nccl", setup=nvidia_device).outcome == "pass"


@pytest.mark.parametrize(
    ("variables", "broken"),
    [
        ({}, []),
        ({"TF_DETERMINISTIC_OPS": "1"}, []),
        ({"TF_DETERMINISTIC_OPS": "yes"}, ["TF_DETERMINISTIC_OPS"]),
        ({"TF_CUDNN_DETERMINISTIC": "1"}, ["TF_CUDNN_DETERMINISTIC"]),
        ({"TF_CUDNN_DETERMINISTIC": "1", "TF_DETERMINISTIC_OPS": "0"}, ["TF_CUDNN_DETERMINISTIC"]),
        ({"TF_CUDNN_DETERMINISTIC": "1", "TF_DETERMINISTIC_OPS": "1"}, []),
    ],
)
def test_tensorflow_variables_promise_what_they_do(monkeypatch, variables, broken):
    """Convolutions alone, and values that TensorFlow does not read, are told; both variables together are fine."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    found = support.verdict("environment-tf-deterministic-ops")

    assert broken == sorted(found.evidence.get("broken", {}))


@pytest.mark.slow
@pytest.mark.frameworks
def test_tensorflow_still_reads_its_deprecated_variable(monkeypatch):
    """What the lint's text claims: TF_DETERMINISTIC_OPS switches op determinism on, TF_CUDNN_DETERMINISTIC does not."""
    import subprocess

    program = "from tensorflow.python.framework import config; print(config.is_op_determinism_enabled())"
    seen = {}
    for name in ("TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            done = subprocess.run([support.AUDITED, "-c", program], capture_output=True, text=True, check=True)
        seen[name] = done.stdout.split()[-1]

    assert seen == {"TF_DETERMINISTIC_OPS": "True", "TF_CUDNN_DETERMINISTIC": "False"}
