"""
Keys and draws do not depend on where a key lies, and `split` gives the same keys whatever their number.

Why: with `jax_threefry_partitionable`, the default since JAX 0.5.0, `split(key, n)[i]` equals `fold_in(key, i)` for
every n (jax PR#13341). So code that splits one key more keeps the keys that it had. Without the flag every key changes
with n (jax#7708). A key out of an array of keys, a key that was transposed with its array, and a key on another device
are the same key. Nobody promises that a longer draw begins with the shorter one (jax#2155; jax PR#2181 was closed):
that is recorded in the reading's conditions and fails nothing.

Remedy: leave `jax_threefry_partitionable` on, and use the default generator. Or derive keys with
`jax.random.fold_in(key, number)`, which does not depend on their number.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest

CHECK = Check(tier="full", rule="expected", needs=("numpy",))
SEED, KEYS = 7, 6
COUNTS = (1, 3, KEYS, 1000)
SHAPE = (8, 16)
PREFIXES = ((15, 16), (16, 17), (1000, 1001))


def measure(settings):
    """Each promise, expected and observed; in the conditions, the generator, its flag and shared prefixes."""
    import jax

    key = jax.random.key(SEED)
    generator, flag = str(jax.random.key_impl(key)), bool(jax.config.jax_threefry_partitionable)
    values = _places(key)
    if "threefry" in generator and flag:
        values.update(_splits(key))
    conditions = {
        "generator": generator,
        "jax_threefry_partitionable": flag,
        "longer draws that begin with the shorter one, which nobody promises": _prefixes(key),
    }
    return dict(values, conditions=conditions)


def _splits(key):
    """Keys of a split, against those that `fold_in` gives and those of the longest split."""
    import jax

    folded = [digest(jax.random.key_data(jax.random.fold_in(key, number))) for number in range(max(COUNTS))]
    found = {}
    for count in COUNTS:
        keys = jax.random.key_data(jax.random.split(key, count))
        found["split into %d: as fold_in" % count] = {
            "expected": digest(folded[:count]),
            "observed": digest([digest(one) for one in keys]),
        }
    return found


def _places(key):
    """Draws from one key that lies in different places."""
    import jax

    keys = jax.random.split(key, KEYS)
    table = keys.reshape(2, KEYS // 2)
    one = jax.random.wrap_key_data(jax.random.key_data(keys)[4], impl=jax.random.key_impl(key))
    places = {
        "out of an array": keys[4],
        "out of a transposed array": table.T[1, 1],
        "out of a strided slice": keys[::2][2],
        "on the last device": jax.device_put(one, jax.devices()[-1]),
    }
    return {
        "%s: a key %s" % (name, place): {"expected": digest(draw(one)), "observed": digest(draw(there))}
        for name, draw in _draws().items()
        for place, there in places.items()
    }


def _draws():
    import jax

    return {
        "uniform": lambda key: jax.random.uniform(key, SHAPE),
        "normal": lambda key: jax.random.normal(key, SHAPE),
        "dropout mask": lambda key: jax.random.bernoulli(key, 0.75, SHAPE),
    }


def _prefixes(key):
    import jax

    kinds = {"uniform": jax.random.uniform, "normal": jax.random.normal, "bits": jax.random.bits}
    return {
        name: [
            "%d of %d" % (short, long)
            for short, long in PREFIXES
            if digest(draw(key, (short,))) == digest(draw(key, (long,))[:short])
        ]
        for name, draw in kinds.items()
    }
