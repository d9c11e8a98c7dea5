"""Facts of accelerators that drivers, the kernel and the installation tell, without a framework."""

from __future__ import annotations

from . import sources
from .rule import EffectRule


def _nvidia(*names: str) -> tuple[str, ...]:
    return tuple(f"accelerators.nvidia.{name}*" for name in names)


ACCELERATORS = (
    EffectRule(
        _nvidia("name", "capability", "architecture", "mig"),
        "changes",
        "cuBLAS promises equal bits on GPUs of one architecture with one number of multiprocessors only.",
        sources.CUBLAS,
        "processor",
    ),
    EffectRule(
        (
            *_nvidia("count"),
            "accelerators.pci",
            "accelerators.rocm.devices",
            "accelerators.tpu.devices",
            "accelerators.tpu.topology*",
            "accelerators.other.devices*",
        ),
        "changes",
        "Another device, or another number of them, runs other kernels and splits sums otherwise.",
        sources.REASONING,
        "processor",
    ),
    EffectRule(
        (
            "accelerators.tpu.libtpu",
            "accelerators.rocm.release",
            "accelerators.rocm.miopen",
            "accelerators.xpu.level_zero",
            "accelerators.xpu.compiler",
            "accelerators.xpu.packages",
            "accelerators.other.packages",
        ),
        "changes",
        "It brings or compiles the kernels of that accelerator.",
        sources.REASONING,
        "library",
    ),
    EffectRule(
        (*_nvidia("driver", "cuda", "gsp", "vbios", "inforom"), "accelerators.rocm.driver", "accelerators.xpu.driver"),
        "may",
        "The order of operations can change with the driver's version, as its makers say: it compiles what a library "
        "brings as intermediate code.",
        sources.CUDA_RELEASES,
    ),
    EffectRule(
        _nvidia("ecc", "errors", "remapped_rows", "retired_pages"),
        "may",
        "Failing memory computes with flipped bits where nothing corrects them.",
        sources.REASONING,
    ),
    EffectRule(
        (*_nvidia("nvlink", "topology", "fabric", "numa_node", "pcie"), "accelerators.imex", "accelerators.imex/*"),
        "may",
        "NCCL sends each channel over another path, and each path sums in another order.",
        sources.NCCL_ORDER,
    ),
    EffectRule(
        _nvidia("memory", "compute_mode", "addressing", "confidential_compute"),
        "may",
        "It decides how much workspace a library gets, and so which algorithm it can choose.",
        sources.REASONING,
    ),
    EffectRule(
        _nvidia("clocks", "power", "persistence"),
        "cannot",
        "It decides how fast the same instructions run; where time chooses kernels, that is a switch of its own.",
        sources.REASONING,
    ),
    EffectRule(
        _nvidia("uuid", "serial"),
        "cannot",
        "It names one device; what computes in it stands in facts of their own.",
        sources.REASONING,
    ),
)
