"""
Compiled fusions agree with eager ones up to rounding, at every size at which compilers change their code.

Why: compilers split loops, vectorise and choose kernels by size, so a fusion that is right for 1,000 rows can be wrong
for 20,000 without an error: XLA did so for JAX, from 16,385 rows on (jax#39103) and over a million rows (xla#13054).
The check compares elementwise, reducing, multiplying, vectorised and scanned fusions with float64, at and beside 2^10,
2^14 to 2^17 and 2^20 rows, of 3 and 8 columns, in float32 and float64. A pairwise covering array chooses the cells;
the
full tier takes one in three of them, and `--all` measures every cell.

Remedy: run the fusion that the finding names without the compiler that it names (`function`: `tf.function`; `xla`:
`jit_compile=True`), or in parts of another size. Report it to TensorFlow.
"""

from __future__ import annotations

from .. import fusions
from ..declare import Check
from . import _fusions, compiled_eager

CHECK = Check(tier="full", rule="within", explains=("onednn-off",))


def measure(settings):
    """Agreement for each cell: `function:` and `xla:` against eager."""
    import tensorflow as tf

    chosen = fusions.asked(settings)
    with tf.device("/GPU:0" if tf.config.list_physical_devices("GPU") else "/CPU:0"):
        ways = {way + ":": just_in_time for way, just_in_time in compiled_eager.WAYS.items()}
        return dict(_fusions.readings(chosen, ways), conditions=fusions.conditions(chosen))
