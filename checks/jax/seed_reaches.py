"""
A seed reaches every generator that a JAX program draws from, and different seeds and keys give different draws.

Why: JAX draws from keys; Python code beside it draws from stateful generators. Keys that collide, or a host callback
with an unseeded generator, make two seeds train alike or one seed train differently (jax#7708: `split` and `fold_in`
give other streams than was believed; bicleaner#72). All streams derived from keys must differ. Draws inside host
callbacks must follow the seed of their generator and repeat under it.

Remedy: create one `jax.random.key(seed)` and derive every key from it with `split` or `fold_in`. Use each key once;
`jax_debug_key_reuse` detects reuse. Seed `random` and `numpy.random` as well where a host callback draws from them.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _state

CHECK = Check(tier="quick", rule="different", across=("repeat", "process"), compiles=True)
SEEDS = (0, 1, 2, 17, 2**16, 2**31, 2**32 - 1)
STREAMS = 32
"""Derived keys of each kind: eight bytes of each stream are compared."""


def measure(settings):
    """Lists of digests of draws: members must differ from each other, and be the same in every process."""
    import jax

    key = jax.random.key(SEEDS[3])
    numbers = jax.numpy.arange(STREAMS)
    folded = jax.vmap(lambda number: jax.random.fold_in(key, number))(numbers)
    chained = jax.lax.scan(lambda carry, _: (jax.random.split(carry)[0],) * 2, key, None, length=STREAMS)[1]
    keys = {
        "fold_in": folded,
        "split": jax.random.split(key, STREAMS),
        "split of split": jax.random.split(jax.random.split(key)[1], STREAMS),
        "repeated split": chained,
    }
    reading = {name: _streams(members) for name, members in keys.items()}
    reading["seeds"] = [digest(jax.random.bits(jax.random.key(seed), (2,))) for seed in SEEDS]
    for name, draw in _generators().items():
        reading["%s in a host callback" % name] = [_in_callback(draw, seed) for seed in (1, 2, 3)]
    return reading


def _streams(keys):
    """A digest of the first draw from each key of an array of keys."""
    import jax
    import numpy

    return [digest(row) for row in numpy.asarray(jax.vmap(lambda key: jax.random.bits(key, (2,)))(keys))]


def _generators():
    import random

    import numpy

    return {"python": lambda: [random.random() for _ in range(4)], "numpy": lambda: numpy.random.random(4)}


def _in_callback(draw, seed):
    """A draw made on the host from inside a compiled program."""
    import jax
    import numpy

    shape = jax.ShapeDtypeStruct((4,), "float32")

    def drawn():
        return numpy.asarray(draw(), "float32")

    with _state.seeded(seed):
        return digest(jax.jit(lambda: jax.pure_callback(drawn, shape))())
