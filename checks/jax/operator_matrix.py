"""
Basic operators agree with NumPy whatever the dtype, layout, size and values of their input, in every mode.

Why: an operator has other code for other dtypes, sizes and modes, and a compiler fuses it with what lays its input out.
Tests try few of the combinations: one size, one dtype or NaN has each been wrong alone (jax#39103, jax#39120,
xla#13054). The check measures some twenty operators (elementwise, reductions, softmax, cumsum, sort, gather, products)
in the cells of a pairwise covering array: each pair of two properties is in a cell;
the full tier takes one cell in three, `--all`, or the check's name, all. A result may be that of float64 or
that of the dtype, and denormals may be zero.

Remedy: convert the input of the operator that the finding names to float32, or leave the named mode (compilation,
`vmap`), whichever the name of the cell tells. Report it to JAX.
"""

from __future__ import annotations

from .. import matrix
from ..declare import Check
from . import _matrix

CHECK = Check(tier="quick", rule="within", needs=("numpy",), compiles=True)


def measure(settings):
    """The agreement of each cell with NumPy, by the name of the cell."""
    chosen = matrix.asked(matrix.cells(_matrix.MODES), settings, _matrix.KNOWN)
    observed = _matrix.observe(chosen)
    return matrix.readings(chosen, lambda cell: observed[matrix.name(cell)], _matrix.MODES)
