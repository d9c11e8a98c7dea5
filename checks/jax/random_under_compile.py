"""
The same key gives the same draws op by op, compiled, vectorised, in a loop and sharded.

Why: if dropout and augmentation change with the way a program is compiled or sharded, a run on 8 devices is another
experiment than a run on one. Draws depended on the number of shards (jax#40232), and changed in sharded programs
without `jax_threefry_partitionable` (jax discussion 18480) and under rematerialisation (jax#17982). Bits must be equal;
a key that was saved as numbers and wrapped again must draw the same as well. The check uses the default generator of
this environment.

Remedy: keep `jax_threefry_partitionable` on (the default) and the generator `threefry2x32`. The generators `rbg` and
`unsafe_rbg` draw differently under vmap, as their documentation says: draw outside of it, or in a loop.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _devices, _documented

CHECK = Check(
    tier="full",
    rule="expected",
    isolates=True,
    compiles=True,
    requires={"devices": 2},
    documented={"rbg:": _documented.BIT_GENERATOR, "unsafe_rbg:": _documented.BIT_GENERATOR},
)
ROWS, WIDTH, KEYS = 496, 4, 3
"""2, 4 and 8 devices divide 496 rows, and the shards are no powers of two, as in jax#40232."""


def measure(settings):
    """For each kind of draw, the digest op by op and on every other path."""
    import jax

    devices = _devices.host_devices()
    key, found = jax.random.key(7), {}
    for name, draw in _draws().items():
        plain = digest(draw(key))
        ways = {"compiled": jax.jit(draw)(key), "of a key saved as numbers": draw(_saved(key))}
        ways["under rematerialisation"] = jax.jit(jax.checkpoint(draw))(key)
        for count in sorted({2, len(devices) // 2, len(devices)} - {1}):
            ways["on %d devices" % count] = jax.jit(draw, out_shardings=_devices.sharded(devices[:count]))(key)
        found.update({"%s %s" % (name, way): (plain, digest(result)) for way, result in ways.items()})
        found.update(_several(name, draw, key))
    generator = str(jax.random.key_impl(key))
    reading = {"%s: %s" % (generator, name): {"expected": e, "observed": o} for name, (e, o) in found.items()}
    return dict(reading, conditions={"devices": len(devices)})


def _draws():
    """Kinds of draws: functions from one key to an array whose first axis can be sharded."""
    import jax

    shape = (ROWS, WIDTH)
    return {
        "bits": lambda key: jax.random.bits(key, shape),
        "uniform": lambda key: jax.random.uniform(key, shape),
        "normal": lambda key: jax.random.normal(key, shape),
        "dropout mask": lambda key: jax.random.bernoulli(key, 0.75, shape),
        "integers": lambda key: jax.random.randint(key, shape, 0, 1000),
        "permutation": lambda key: jax.random.permutation(key, ROWS),
    }


def _saved(key):
    """The key after a checkpoint: its data as numbers, wrapped again."""
    import jax

    words = jax.random.key_data(key).tolist()
    return jax.random.wrap_key_data(jax.numpy.asarray(words, "uint32"), impl=jax.random.key_impl(key))


def _several(name, draw, key):
    """Draws from several keys: one after the other, under vmap, and in a compiled loop."""
    import jax

    keys = jax.random.split(key, KEYS)
    plain = digest([draw(one) for one in keys])
    ways = {"under vmap": jax.vmap(draw)(keys), "in a loop": jax.lax.map(draw, keys)}
    return {"%s %s" % (name, way): (plain, digest(list(result))) for way, result in ways.items()}
