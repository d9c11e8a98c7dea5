"""
cuBLAS has a fixed workspace.

Why: with several streams cuBLAS may pick another workspace, and with it another order of sums, in every run. Torch
refuses CUDA matrix products under `use_deterministic_algorithms` unless the workspace is fixed
(https://docs.nvidia.com/cuda/cublas/#results-reproducibility). cuBLAS reads the variable when it starts.

Remedy: export `CUBLAS_WORKSPACE_CONFIG=:4096:8` (24 MiB) or `:16:8` (slower) in the job that launches training.
"""

from __future__ import annotations

from ..declare import Check, NotApplicable
from . import _gpu, _started

CHECK = Check(tier="quick", rule="expected", remedy_env={"CUBLAS_WORKSPACE_CONFIG": ":4096:8"})
EXPECTED = ":4096:8 or :16:8"


def measure(settings):
    """The value of CUBLAS_WORKSPACE_CONFIG when the process started."""
    obstacle = _gpu.nvidia_obstacle()
    if obstacle:
        raise NotApplicable("no usable NVIDIA GPU here (%s)" % obstacle)
    return _started.lint("CUBLAS_WORKSPACE_CONFIG", (":4096:8", ":16:8").__contains__, EXPECTED)
