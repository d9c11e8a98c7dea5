"""
`keras.utils.set_random_seed` reaches every draw of Keras's layers on JAX, and different seeds differ.

Why: layers that draw (dropout, noise, augmentation) hold a generator of their own, and one that is made without a seed
takes it from Python's `random`. JAX has no global seed. A layer whose generator no seed reaches makes a seeded run
change; one that takes equal seeds makes two seeds train alike. The check makes each layer and initialiser without a
seed, and the order of `fit`, under two seeds.

Remedy: call `keras.utils.set_random_seed(N)` before the model is built: it seeds Python, NumPy and the backend. Or give
each layer its `seed`.
"""

from __future__ import annotations

from ..declare import Check
from . import _draws

CHECK = Check(
    tier="full",
    rule="different",
    across=("repeat", "process"),
    needs=("keras",),
    explains=("entropy",),
    compiles=True,
    documented=_draws.DOCUMENTED,
    on="jax",
    under={"keras-backend": "jax"},
)


def measure(settings):
    """For each kind of draw, its digests under each seed."""
    return _draws.reached(settings, framework_alone=False)
