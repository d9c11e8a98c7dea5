"""
NCCL's algorithm and protocol are fixed.

Why: NCCL picks ring, tree or another algorithm by message size and topology, and each adds in another order. The choice
may change with the machine or the version (nccl#157). Recipes that promise equal bits fix both (Megatron-LM).

Remedy: export `NCCL_ALGO=Ring` and `NCCL_PROTO=Simple` in every rank's environment.
"""

from __future__ import annotations

from ..declare import Check, NotApplicable
from . import _gpu, _started

CHECK = Check(tier="quick", rule="expected", remedy_env={"NCCL_ALGO": "Ring", "NCCL_PROTO": "Simple"})


def measure(settings):
    """Whether NCCL_ALGO and NCCL_PROTO each named one value when the process started."""
    obstacle = _gpu.nvidia_obstacle()
    if obstacle:
        raise NotApplicable("no usable NVIDIA GPU here (%s)" % obstacle)
    reading = _started.lint("NCCL_ALGO", _one, "one algorithm")
    reading.update(_started.lint("NCCL_PROTO", _one, "one protocol"))
    return reading


def _one(value):
    """Whether a value names exactly one choice: with a list, or `^` (all but), NCCL still chooses."""
    return value.isalnum()
