"""
`jax.jit` agrees with op-by-op execution up to rounding, at every size at which XLA changes its code.

Why: compilers split loops, vectorise and choose kernels by size, so a fusion that is right for 1,000 rows can be wrong
for 20,000 without an error: a vmapped product from 16,385 rows on (jax#39103, jaxlib 0.10.2), a gradient over a million
rows (xla#13054). The check compares elementwise, reducing, multiplying, vectorised and scanned fusions with float64, at
and beside 2^10, 2^14 to 2^17 and 2^20 rows, of 3 and 8 columns, in float32 and float64. A pairwise covering array
chooses the cells; the full tier takes one in three of them, and `--all` measures every cell.

Remedy: compute the fusion that the finding names outside of `jax.jit`, or in parts of another size. On jaxlib 0.10.2,
use 0.10.1 or a later release, or export `XLA_FLAGS=--xla_cpu_experimental_ynn_fusion_type=` (empty), which was measured
to cure jax#39103. Report it.
"""

from __future__ import annotations

from .. import fusions
from ..declare import Check
from . import _fusions

CHECK = Check(tier="full", rule="within", explains=("one-thread", "memory-fill"), compiles=True)


def measure(settings):
    """Agreement of compiled and op-by-op results for each cell."""
    chosen = fusions.asked(settings)
    return dict(_fusions.readings(chosen), conditions=fusions.conditions(chosen))
