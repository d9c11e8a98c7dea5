"""
Inductor's kernels agree with the eager ones up to rounding, at every size at which compilers change their code.

Why: compilers split loops, vectorise and choose kernels by size, so a fusion that is right for 1,000 rows can be wrong
for 20,000 without an error: XLA did so from 16,385 rows on (jax#39103). The check compares elementwise, reducing,
multiplying, vectorised and scanned fusions with float64, at and beside 2^10, 2^14 to 2^17 and 2^20 rows, of 3 and 8
columns, in float32 and float64. The check measures the first cells of a pairwise covering array, since each costs the
C++ compiler a second; `--all` measures every cell.

Remedy: exclude the fusion that the finding names from compilation (`torch.compiler.disable`), or compute it in parts of
another size. Report it to PyTorch.
"""

from __future__ import annotations

from .. import fusions
from ..declare import Check
from . import _compiling, _fusions

CHECK = Check(
    tier="full",
    rule="within",
    needs=("numpy", "torch._inductor"),
    isolates=True,
    compiles=True,
    explains=("memory-fill",),
)
PART = 24
"""Cells of the full tier."""


def measure(settings):
    """Agreement of compiled and eager results for each cell, on the CPU."""
    _compiling.refuse_without_compiler()
    chosen = fusions.asked(settings, PART)
    with _compiling.fresh_tracing():
        return dict(_fusions.readings(chosen), conditions=fusions.conditions(chosen))
