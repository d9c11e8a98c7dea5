"""
Basic operators agree with NumPy whatever the dtype, layout, size and values of their input, in every mode.

Why: an operator has other code for other dtypes, sizes and modes, and tests try few of the combinations: XLA alone
gave a negative absolute value (tensorflow#117142), and oneDNN alone wrong products with an axis of length one
(tensorflow#123109). The check measures some twenty operators (elementwise, reductions, softmax, cumsum, sort, gather,
products) in the cells of a pairwise covering array: each pair of two properties is in a cell;
the full tier takes one cell in three, `--all`, or the check's name, all. A result may be that of
float64 or that of the dtype, a variance may be off by the square of its mean's rounding, and denormals may be zero.
Sorts of NaN are left out, since TensorFlow promises no order of them, and long running totals of half precision, which
it adds in that dtype.

Remedy: convert the input of the operator that the finding names to float64, or leave the named mode (`function`:
`tf.function`; `xla`: `jit_compile=True`; `vmapped`: `tf.vectorized_map`; `switch`: the determinism switch). Report it
to TensorFlow.
"""

from __future__ import annotations

from .. import matrix
from ..declare import Check
from . import _matrix

CHECK = Check(tier="quick", rule="within", needs=("numpy",), isolates=True)


def measure(settings):
    """The agreement of each cell with NumPy, by the name of the cell."""
    chosen = matrix.asked(_matrix.cells(), settings)
    observed = _matrix.observe(chosen)
    return matrix.readings(chosen, lambda cell: observed[matrix.name(cell)], _matrix.MODES)
