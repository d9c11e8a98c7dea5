"""
Keras on JAX: training that is saved, loaded in a fresh process and continued equals uninterrupted training.

Why: a `.keras` file holds weights and optimizer, and the documentation says that training can continue from it. It does
not hold the states of the dropout layers' seed generators, so the resumed run draws other masks (keras#19796,
keras#2378, tensorflow#57917, tensorflow#27049). The check judges losses, weights and optimizer with these states
restored separately, and the generators as they were loaded.

Remedy: where only the generators differ, save their states beside the file and assign them after `load_model`. They are
the `non_trainable_variables` whose path ends with `seed_generator_state`. Also keep `initial_epoch`, and reseed before
a `fit` that shuffles.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    tier="full",
    rule="expected",
    needs=("keras",),
    compiles=True,
    on="jax",
    under={"keras-backend": "jax"},
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _contract.resume()
