"""
Derivatives, vectorised maps and loops agree with their plain forms, up to rounding.

Why: a transformation writes another program. This may change rounding but must not change the result otherwise: in JAX
a derivative was 1 in one form and 0 in the other (jax#8022), and TensorFlow's compiled loops took another branch
(tensorflow#120996). The check compares backward with forward mode and with finite differences in float64, second
derivatives and Jacobians both ways, `recompute_grad` with the plain function, `vectorized_map` and `map_fn` with a
Python loop, and `while_loop`, `scan`, `foldl` and AutoGraph with the unrolled loop, with gradients. Float64 tells
rounding from error. In TensorFlow 2.21 `tf.roll` over a negative axis rolls over another one inside `vectorized_map`.

Remedy: write the named part in its plain form. Use a `tf.GradientTape` for forward mode, and `tf.map_fn` or a Python
loop for `vectorized_map`; count the axis of `tf.roll` from the front there. Report it to TensorFlow with both results.
"""

from __future__ import annotations

import functools

from ..agreement import agreement
from ..declare import Check
from . import _blocks, _transforms

CHECK = Check(
    tier="full",
    rule="within",
    explains=("onednn-off", "one-thread"),
    unexplained={
        "vectorized_map, roll over an axis from the end": "it only moves elements: no kernel or thread rounds them"
    },
)
REDUCTION = 4 * 24 * 32
"""Elements summed behind a gradient of the weights: all rows, time steps and features."""


def measure(settings):
    """Agreement of each transformed form with its plain form, against the plain form in float64."""
    given, wide = _blocks.given(), _blocks.given("float64")

    def form(plain, transformed):
        return agreement(plain(given), transformed(given), plain(wide), REDUCTION)

    forms = {name: functools.partial(form, *pair) for name, pair in _transforms.pairs().items()}
    forms["finite differences"] = lambda: agreement(*_transforms.differences(wide), 1)
    wanted = set(settings.get("names") or ())
    found = {name: measured() for name, measured in forms.items() if not wanted or name in wanted}
    return found if wanted and wanted <= set(forms) else dict(found, **_transforms.known())
