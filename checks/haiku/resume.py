"""
Haiku: to train, save, load in a fresh process and train on is to train through.

Why: a checkpoint that lacks the optimizer, the running statistics or the key goes on with another training, without an
error (jax#1078, maxtext#4343). Parameters, state, optax state and key are pickled and read back.

Remedy: save all four. A typed key goes through a file as `jax.random.key_data(key)`, and comes back by
`wrap_key_data`.
"""

from __future__ import annotations

from ..declare import Check
from ..flax import _training
from . import _model

CHECK = Check(
    severity="high",
    tier="full",
    rule="expected",
    needs=("haiku", "optax"),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _training.resume(_model.model(dropout=0.2), _model.save, "haiku._model.resumed")
