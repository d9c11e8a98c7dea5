"""
Basic operators agree with NumPy whatever the dtype, layout, size and values of their input, in every mode.

Why: an operator has other code for other dtypes, strides, sizes and modes, and tests try few of the combinations:
float16, strided, more than 1,024 values and NaN have each been wrong alone (tensorflow#116992, pytorch#93784). The
check measures some twenty operators (elementwise, reductions, softmax, cumsum, sort, gather, products) in the cells of
a pairwise covering array: each pair of two properties is in a cell. A result may be that of float64 or that of the
dtype, and denormals may be zero. Compiled cells are measured with `--all` only, since each costs the C++ compiler a
second.

Remedy: convert the input of the operator that the finding names to float32, make it contiguous, or leave the named mode
(compilation, `vmap`, the determinism switch), whichever the name of the cell tells. Report it to PyTorch.
"""

from __future__ import annotations

from .. import matrix
from ..declare import Check
from . import _compiling, _matrix, _opdb

CHECK = Check(tier="quick", rule="within", needs=("numpy",), isolates=True, compiles=True)


def measure(settings):
    """The agreement of each cell with NumPy, by the name of the cell."""
    chosen = matrix.asked(matrix.cells(_matrix.MODES), settings)
    if settings.get("all") != "1" or _compiling.missing_compiler():
        chosen = [cell for cell in chosen if cell["mode"] != "compiled"]
    with _opdb.one_thread(), _compiling.fresh_tracing():
        return matrix.readings(chosen, _matrix.observed, _matrix.MODES)
