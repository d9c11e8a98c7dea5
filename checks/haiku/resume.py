"""
Haiku: training that is saved, loaded in a fresh process and continued equals uninterrupted training.

Why: a checkpoint that lacks the optimizer, the running statistics or the key continues as another training run, without
an error (jax#1078, maxtext#4343). The check pickles and restores parameters, state, optax state and key.

Remedy: save parameters, state, optimizer state and key. Save a typed key as `jax.random.key_data(key)`, and restore it
with `wrap_key_data`.
"""

from __future__ import annotations

from ..declare import Check
from ..flax import _training
from . import _model

CHECK = Check(
    tier="full",
    rule="expected",
    needs=("haiku", "optax"),
    compiles=True,
    on="jax",
)


def measure(settings):
    """Digests expected from training through, and observed after loading."""
    return _training.resume(_model.model(dropout=0.2), _model.save, "haiku._model.resumed")
