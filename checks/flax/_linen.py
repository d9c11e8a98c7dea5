"""The model of the linen checks: embedding, convolution, batch norm, attention, dropout, dense."""

from __future__ import annotations

from . import _training


def model(dropout):
    """`init` and `apply` of the training, with `flax.linen`."""
    network = _network(dropout)

    def init(keys, words):
        variables = network.init({"params": keys[0], "dropout": keys[1]}, words)
        return variables["params"], variables["batch_stats"]

    def apply(parameters, state, key, words):
        variables, keys = {"params": parameters, "batch_stats": state}, None if key is None else {"dropout": key}
        logits, changed = network.apply(variables, words, rngs=keys, mutable=["batch_stats"])
        return logits, changed["batch_stats"]

    return init, apply


def _network(dropout):
    from flax import linen

    class Network(linen.Module):
        @linen.compact
        def __call__(self, words):
            width = _training.WIDTH
            hidden = linen.Embed(_training.WORDS, width, name="embedding")(words)
            hidden = linen.Conv(width, (3,), use_bias=False, name="convolution")(hidden)
            hidden = linen.BatchNorm(use_running_average=False, name="batch_norm")(hidden)
            hidden = hidden + linen.MultiHeadDotProductAttention(2, use_bias=False, name="attention")(hidden)
            hidden = linen.Dropout(dropout, deterministic=False)(hidden)
            return linen.Dense(_training.CLASSES, name="dense")(hidden.mean(1))

    return Network()


def save(carry, path):
    """Write the carry with `flax.serialization`; a key is written as its data."""
    import jax
    from flax import serialization

    with open(path, "wb") as handle:
        handle.write(serialization.to_bytes(dict(carry, key=jax.random.key_data(carry["key"]))))


def resumed(arguments):
    """In the child: a model from another seed loads the file and continues training."""
    import jax
    from flax import serialization

    network = model(0.2)
    fresh = _training.start(network, seed=1)
    with open(arguments["path"], "rb") as handle:
        carry = serialization.from_bytes(dict(fresh, key=jax.random.key_data(fresh["key"])), handle.read())
    return _training.continued(network, dict(carry, key=jax.random.wrap_key_data(carry["key"])))
