"""The model of the Haiku checks: embedding, convolution, batch norm, attention, dropout, dense."""

from __future__ import annotations

import pickle

from ..flax import _training


def model(dropout):
    """`init` and `apply` of the training, with `haiku.transform_with_state`."""
    import haiku

    transformed = haiku.transform_with_state(lambda words: _forward(words, dropout))

    def init(keys, words):
        return transformed.init(keys[0], words)

    return init, transformed.apply


def _forward(words, dropout):
    import haiku

    width = _training.WIDTH
    hidden = haiku.Embed(_training.WORDS, width, name="embedding")(words)
    hidden = haiku.Conv1D(width, 3, with_bias=False, name="convolution")(hidden)
    hidden = haiku.BatchNorm(True, True, 0.9, name="batch_norm")(hidden, is_training=True)
    scaled = haiku.initializers.VarianceScaling(1.0)
    hidden = hidden + haiku.MultiHeadAttention(2, 8, w_init=scaled, with_bias=False, name="attention")(
        hidden, hidden, hidden
    )
    if dropout:
        hidden = haiku.dropout(haiku.next_rng_key(), dropout, hidden)
    return haiku.Linear(_training.CLASSES, name="dense")(hidden.mean(1))


def save(carry, path):
    """Pickle the carry, as Haiku's users do: its trees are plain dictionaries of arrays."""
    import jax

    plain = jax.device_get(dict(carry, key=jax.random.key_data(carry["key"])))
    with open(path, "wb") as handle:
        pickle.dump(plain, handle)


def resumed(arguments):
    """In the child: load and continue training."""
    import jax

    with open(arguments["path"], "rb") as handle:
        carry = pickle.load(handle)  # noqa: S301 - written by the parent, into a folder of its own
    return _training.continued(model(0.2), dict(carry, key=jax.random.wrap_key_data(carry["key"])))
