"""
The code that depends on a GPU, and how the results of `tools/on_gpu.py` show that it ran on one.

`tests/guardians/test_gpu_paths.py` compares this table with the code (`scan.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

TENSORFLOW = "needs TensorFlow, which the lent machine does not have"
SEVERAL = "needs two GPUs"
AMD = "needs an AMD GPU"
ENGINE = "needs a container engine with NVIDIA's runtime"


@dataclass(frozen=True)
class CodePath:
    """Functions that depend on a GPU, and where the results show them."""

    places: tuple[str, ...]
    """`FILE::FUNCTION`; `*` matches any text."""
    evidence: str = ""
    """
    What the results hold if they ran on a GPU.

    `fact:KEY`: a fact with a value. `check:ID`: a finding that applied. `cuda:ID`: values of torch's check on CUDA.
    `jax:ID`: JAX's check applied, and JAX's backend was a GPU. `step:NAME`: the step ended as expected.
    """
    absent: str = ""
    """Why no step can show them; then there is no evidence."""


def _of(file: str, functions: str, evidence: str = "", absent: str = "") -> CodePath:
    return CodePath(tuple(f"{file}::{name}" for name in functions.split()), evidence, absent)


def _cuda(file: str, functions: str = "measure") -> CodePath:
    """A check of torch that measures each device; its id derives from its file."""
    return _of(f"checks/torch/{file}.py", functions, f"cuda:torch-{file.replace('_', '-')}")


def _lint(file: str) -> CodePath:
    return _of(f"checks/environment/{file}.py", "measure", f"check:environment-{file.replace('_', '-')}")


HOST = (
    CodePath(("auditor/nvml/*",), "fact:accelerators.nvidia.driver"),
    _of("auditor/audit/run.py", "_of_the_host", "fact:accelerators.nvidia.name"),
    _of("auditor/audit/schedule.py", "_width_of_this_machine", "step:audit-torch"),
    _of("auditor/real_run/run.py", "of_the_machine", "step:probe"),
    CodePath(("auditor/container/specs/*", "auditor/compare/table/*"), "step:audit-torch"),
    CodePath(("auditor/remedy/choose.py::*", "auditor/factors/cures.py::variables_for"), "step:remedy"),
    _of("auditor/replay/cause/interventions.py", "hash_seed one_thread", "step:replay-torch-explained"),
    _of("auditor/factors/variables.py", "autotune", "cuda:torch-autotune"),
    _of("auditor/container/engine/image.py", "_devices", absent=ENGINE),
)
FACTS = (
    _of("checks/facts/torch.py", "_need_cuda _devices _started", "fact:torch.devices"),
    _of("checks/facts/torch.py", "_cudnn", "fact:torch.cudnn.version"),
    _of("checks/facts/torch.py", "_nccl", "fact:torch.nccl.version"),
    _of("checks/facts/torch.py", "_architectures", "fact:torch.build.architectures"),
    _of("checks/facts/jax.py", "_devices _platform_version _backend_version read", "jax:jax-same-seed"),
    _of("checks/facts/caches.py", "_cuda", "fact:caches.cuda"),
    _of("checks/facts/caches.py", "_autotune", "fact:caches.xla.autotune"),
    _of("checks/facts/system.py", "_cuda_toolkit", "fact:host.cuda.toolkit"),
    _of("checks/facts/_imex.py", "imex _driver", absent="needs several machines that share an NVLink fabric"),
    _of("checks/facts/accelerators.py", "_rocm_devices", absent=AMD),
    _of("checks/facts/tensorflow.py", "_no_device", absent=TENSORFLOW),
)
LINTS = (
    _of("checks/environment/_gpu.py", "nvidia_obstacle", "check:environment-cublas-workspace"),
    _of("checks/environment/_gpu.py", "amd_obstacle", absent=AMD),
    *map(_lint, ("cublas_workspace", "nccl", "tf32_override", "xla_flags")),
    _of("checks/environment/tf_deterministic_ops.py", "measure", absent=TENSORFLOW),
)
TORCH = (
    _of("checks/torch/_state.py", "devices apply seeded _device_switches", "cuda:torch-same-seed"),
    _of("checks/torch/_draws.py", "generators", "cuda:torch-seed-reaches"),
    _of("checks/torch/_training.py", "load parts state", "cuda:torch-resume"),
    _of("checks/torch/_opdb_samples.py", "seed", "cuda:torch-every-operator"),
    _cuda("same_seed", "measure _train"),
    _cuda("uninitialised", "measure _prime _canaries"),
    _cuda("precision", "measure _switches"),
    _cuda("draw_layout"),
    _cuda("autotune", "measure _convolutions"),
    *map(_cuda, ("attention_backend", "attention_repeat", "batch_invariant", "compiled_repeat", "every_operator")),
    *map(_cuda, ("flag_known_answer", "random_under_compile", "resume", "seed_reaches", "seed_width")),
    *map(_cuda, ("thread_race", "thread_race_families", "transforms")),
    _of("checks/torch/_ranks.py", "backends group", absent=SEVERAL),
    _of("checks/torch/collectives.py", "measure", absent=SEVERAL),
    _of("checks/torch/sharded.py", "measure", absent=SEVERAL),
)
JAX = (
    _of("checks/jax/_state.py", "snapshot", "jax:jax-same-seed"),
    _of("checks/jax/_unwritten.py", "canaries", "jax:jax-uninitialised"),
    _of("checks/jax/_late.py", "late_devices", "jax:jax-flag-takes-effect"),
    _of("checks/jax/autotune.py", "measure", "jax:jax-autotune"),
    _of("checks/jax/random_under_compile.py", "measure", "jax:jax-random-under-compile"),
    _of("checks/jax/compiled_transforms.py", "_usable_devices", "jax:jax-compiled-transforms"),
    _of("checks/jax/_harness.py", "cases", absent="the catalogue of every operator takes longer than the lease"),
    _of("checks/jax/_devices.py", "host_devices _split_by_flag", "jax:jax-sharded"),
    _of("checks/jax/draw_layout.py", "_places", "jax:jax-draw-layout"),
    _of("checks/jax/_collectives.py", "results", "jax:jax-collectives"),
    _of("checks/jax/collectives.py", "measure", "jax:jax-collectives"),
    _of("checks/jax/sharded.py", "measure", "jax:jax-sharded"),
)
RECORDERS = (
    _of("checks/recorders/replay/torch/generators.py", "_default_of", "step:replay-torch-race"),
    _of("checks/recorders/replay/torch/device.py", "is_capturing", "step:replay-torch-race"),
    _of("checks/recorders/replay/jax/dump.py", "_document", "step:replay-jax-race"),
)
OTHERS = (CodePath(("checks/tensorflow/*",), absent=TENSORFLOW),)
PATHS = (*HOST, *FACTS, *LINTS, *TORCH, *JAX, *RECORDERS, *OTHERS)
