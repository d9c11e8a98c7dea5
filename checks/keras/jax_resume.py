"""
Keras on JAX: to train, save, load in a fresh process and train on is to train through.

Why: a `.keras` file holds weights and optimizer, and is said to let training go on where it left off; the states of
the dropout layers' seed generators are not in it, so the resumed run draws other masks (keras#19796, keras#2378,
tensorflow#57917, tensorflow#27049). Losses, weights and optimizer are judged with these states handed over beside the
file; the generators are judged as they were loaded.

Remedy: where only the generators differ, save their states beside the file and assign them after `load_model`: they
are the `non_trainable_variables` whose path ends with `seed_generator_state`. Keep `initial_epoch` too, and seed anew
before a `fit` that shuffles.
"""

from __future__ import annotations

from ..declare import Check
from . import _contract

CHECK = Check(
    severity="medium",
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
