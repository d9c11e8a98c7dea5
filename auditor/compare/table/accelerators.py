"""Facts of accelerators from drivers, the kernel and the installation, without a framework."""

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
        "It contains or compiles the kernels of that accelerator.",
        sources.REASONING,
        "library",
    ),
    EffectRule(
        (*_nvidia("driver", "cuda", "gsp", "vbios", "inforom"), "accelerators.rocm.driver", "accelerators.xpu.driver"),
        "may",
        "The driver compiles a library's intermediate code, so the order of operations can change with its version, as "
        "NVIDIA documents.",
        sources.CUDA_RELEASES,
    ),
    EffectRule(
        _nvidia("ecc", "errors", "remapped_rows", "retired_pages"),
        "may",
        "Failing memory flips bits, and without correction the flipped bits are used.",
        sources.REASONING,
    ),
    EffectRule(
        (*_nvidia("nvlink", "topology", "fabric", "numa_node", "pcie"), "accelerators.imex", "accelerators.imex/*"),
        "may",
        "It decides over which paths NCCL sends each channel, and each path sums in its own order.",
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
        "It decides only the speed of the same instructions; whether timing chooses kernels is a separate switch.",
        sources.REASONING,
    ),
    EffectRule(
        _nvidia("uuid", "serial"),
        "cannot",
        "It identifies one device; its model and settings are separate facts.",
        sources.REASONING,
    ),
)
