"""
Different seeds give different draws, however large they are.

Why: TensorFlow reduces the global seed and operation seeds modulo 2^31 - 1 without a warning. With an operation seed, 0
and 2^31 - 1 give the same draws, and so do 1 and 2^31; a dataset's shuffle does the same. A seed made from a hash or
from a nanosecond clock can therefore equal another run's seed (torch and JAX keep 32 bits: pytorch#87509, jax#4877).
`tf.random.Generator` and stateless draws use all 64 bits.

Remedy: use seeds below 2^31 - 1. Or draw from `tf.random.Generator.from_seed(seed)`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _state

CHECK = Check(tier="full", rule="different", across=("process",))
PAIRS = ((0, 2**31 - 1), (1, 2**31), (5, 5 + 7 * (2**31 - 1)), (1, 2**32 + 1))


def measure(settings):
    """For each kind of draw and pair of seeds, the digests of the draws of both."""
    return {
        "%s: seeds %d and %d" % (name, *pair): [digest(draw(seed)) for seed in pair]
        for name, draw in _kinds().items()
        for pair in PAIRS
    }


def _kinds():
    import tensorflow as tf

    return {
        "global seed": lambda seed: _under(seed, lambda: tf.random.uniform([4])),
        "global seed, op seed 3": lambda seed: _under(seed, lambda: tf.random.uniform([4], seed=3)),
        "op seed": lambda seed: _under(3, lambda: tf.random.uniform([4], seed=seed)),
        "dataset shuffle": lambda seed: _under(3, lambda: _order(tf.data.Dataset.range(64).shuffle(64, seed=seed))),
        "Generator": lambda seed: tf.random.Generator.from_seed(seed).uniform([4]),
        "stateless": lambda seed: tf.random.stateless_uniform([4], [seed, 0]),
    }


def _under(seed, draw):
    import tensorflow as tf

    with _state.seeded(0):  # NumPy's seed has 32 bits
        tf.random.set_seed(seed)
        return draw()


def _order(dataset):
    return list(dataset.as_numpy_iterator())
