"""Facts of accelerators that drivers, the kernel and the installation tell, without a framework."""

from __future__ import annotations

from . import sources
from .rule import Rule


def _nvidia(*names: str) -> tuple[str, ...]:
    return tuple(f"accelerators.nvidia.{name}*" for name in names)


ACCELERATORS = (
    Rule(
        (
            *_nvidia("name", "capability", "architecture", "count", "mig"),
            "accelerators.pci",
            "accelerators.rocm.devices",
            "accelerators.tpu.devices",
            "accelerators.tpu.topology*",
            "accelerators.other.devices*",
        ),
        "changes",
        "Vendors promise equal results on one architecture with one number of multiprocessors only.",
        sources.CUBLAS,
        "processor",
    ),
    Rule(
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
        sources.XLA_DETERMINISM,
        "library",
    ),
    Rule(
        (*_nvidia("driver", "cuda", "gsp", "vbios", "inforom"), "accelerators.rocm.driver", "accelerators.xpu.driver"),
        "may",
        "The driver compiles the kernels that a library brings for newer GPUs only as intermediate code.",
        "https://docs.nvidia.com/deploy/cuda-compatibility/",
    ),
    Rule(
        _nvidia("ecc", "errors", "remapped_rows", "retired_pages"),
        "may",
        "Failing memory computes with flipped bits where nothing corrects them.",
        "https://docs.nvidia.com/deploy/gpu-debug-guidelines/index.html",
    ),
    Rule(
        _nvidia("nvlink", "topology", "fabric", "numa_node", "pcie"),
        "may",
        "Collective libraries choose rings and trees by how devices are joined, and with that the order of sums.",
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html",
    ),
    Rule(
        _nvidia("memory", "compute_mode", "addressing", "confidential_compute"),
        "may",
        "It decides how much workspace a library gets, and so which algorithm it chooses.",
        sources.CUBLAS,
    ),
    Rule(
        _nvidia("clocks", "power", "persistence"),
        "cannot",
        "It decides how fast the same instructions run; where time chooses kernels, that is a switch of its own.",
        "https://docs.nvidia.com/deploy/nvml-api/group__nvmlClocksEventReasons.html",
    ),
    Rule(
        _nvidia("uuid", "serial"),
        "cannot",
        "It names one device; what computes in it stands in facts of their own.",
        "https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html",
    ),
)
