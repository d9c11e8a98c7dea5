"""
The same seed gives the same draws op by op, in a function, under XLA, vectorised and in a loop.

Why: if dropout and augmentation change when a step is compiled, the compiled run is another experiment (pytorch#142853,
jax discussion 18480). For `philox`, `tf.random.Generator` promises the same numbers on CPU, GPU and XLA, but delivers
them for integers only (TensorFlow 2.21; tensorflow#117644). Stateless floats differ under XLA as well; the
documentation says so since PR#121252. Draws from the global seed are counted per function, and XLA ignores operation
seeds: both are documented. The check also measures whether each path repeats under its seed.

Remedy: use `jit_compile=True` in all runs that are compared, or in none. Where draws must be equal on every path, draw
integers, `tf.random.stateless_uniform(shape, seed, None, None, tf.uint32)`, then cast and scale them.
`tf.random.normal` and `tf.nn.dropout` do not repeat under XLA: exclude them from what it compiles.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _state

CHECK = Check(
    tier="full",
    rule="expected",
    documented={
        "stateless-xla:": "https://github.com/tensorflow/tensorflow/pull/121252",
        "stateful:": "https://www.tensorflow.org/api_docs/python/tf/random/set_seed",
        "stateful-xla:": "https://www.tensorflow.org/xla/known_issues",
    },
)
SEED, SEVERAL = (7, 11), 3
ROWS, WIDTH = 37, 5
"""Sizes that are no multiple of four: generators produce four words at a time."""


def measure(settings):
    """For each kind of draw, the digest op by op and on every other path."""
    import tensorflow as tf

    found = dict(_stateless_ways(tf))
    found.update(_generator_ways(tf))
    found.update(_stateful_ways(tf))
    return {name: {"expected": plain, "observed": other} for name, (plain, other) in found.items()}


def _stateless(tf, seed):
    """Draws that take a seed as an argument."""
    shape, random = (ROWS, WIDTH), tf.random
    return {
        "uniform": random.stateless_uniform(shape, seed),
        "normal": random.stateless_normal(shape, seed),
        "integers": random.stateless_uniform(shape, seed, 0, 1000, tf.int32),
        "dropout": tf.nn.experimental.stateless_dropout(tf.ones(shape), 0.5, seed),
        "split": random.split(seed, 4),
        "bits": random.stateless_uniform(shape, seed, None, None, tf.uint32),
        "philox": random.stateless_uniform(shape, seed, alg="philox"),
    }


def _stateless_ways(tf):
    """Name to a pair of digests (op by op, other path), for each path of the stateless draws."""

    def draw(seed):
        return _stateless(tf, seed)

    seed = tf.constant(SEED)
    seeds = tf.stack([seed + number for number in range(SEVERAL)])
    plain, each = draw(seed), [draw(row) for row in tf.unstack(seeds)]
    several = {name: [drawn[name] for drawn in each] for name in plain}
    kinds = {name: tensor.dtype for name, tensor in plain.items()}
    for way, other in (("", tf.function(draw)(seed)), ("-xla", tf.function(draw, jit_compile=True)(seed))):
        for name, tensor in plain.items():
            yield "stateless%s: %s" % (way, name), (digest(tensor), digest(other[name]))
    ways = {
        "map_fn": tf.function(lambda: tf.map_fn(draw, seeds, fn_output_signature=kinds))(),
        "vectorized_map": tf.vectorized_map(draw, seeds),
        "dataset": _in_dataset(tf, draw, seeds),
    }
    for way, found in ways.items():
        for name, members in several.items():
            yield "%s: %s" % (way, name), (digest(members), digest(list(found[name])))


def _in_dataset(tf, draw, seeds):
    rows = list(tf.data.Dataset.from_tensor_slices(seeds).map(draw, num_parallel_calls=2))
    return {name: [row[name] for row in rows] for name in rows[0]}


def _generator_ways(tf):
    """Two successive draws of each kind and the final state, op by op, in a function and compiled."""
    kinds = {
        "uniform": lambda generator: generator.uniform([ROWS, WIDTH]),
        "normal": lambda generator: generator.normal([ROWS, WIDTH]),
        "integers": lambda generator: generator.uniform([ROWS, WIDTH], 0, 1000, tf.int32),
    }

    def run(wrap):
        generator = tf.random.Generator.from_seed(53, alg="philox")

        def draw():
            return {name: [kind(generator), kind(generator)] for name, kind in kinds.items()}

        drawn = wrap(draw)()
        return dict(drawn, **{"state afterwards": generator.state})

    plain = run(lambda draw: draw)
    for prefix, options in (("generator:", {}), ("generator-xla:", {"jit_compile": True})):
        other = run(lambda draw, options=options: tf.function(draw, **options))
        for name, members in plain.items():
            yield "%s %s" % (prefix, name), (digest(members), digest(other[name]))


def _stateful_ways(tf):
    """Draws after `tf.random.set_seed`: each path against op by op, and against itself when seeded again."""

    def draw():
        return {
            "normal": tf.random.normal([ROWS, WIDTH]),
            "normal with an op seed": tf.random.normal([ROWS, WIDTH], seed=3),
            "dropout": tf.nn.dropout(tf.ones([ROWS, WIDTH]), 0.5),
        }

    plain = _after_seed(draw)
    for prefix, options in (("stateful:", {}), ("stateful-xla:", {"jit_compile": True})):
        first, again = (_after_seed(_function(tf, draw, options)) for _ in range(2))
        for name in plain:
            yield "%s %s" % (prefix, name), (plain[name], first[name])
            yield "%s %s, seeded again" % (prefix, name), (first[name], again[name])


def _function(tf, draw, options):
    """A new function each time: one with the same body would reuse the first one's trace and seeds."""
    return tf.function(lambda: dict(draw()), **options)


def _after_seed(run):
    with _state.seeded(47):
        return {name: digest(tensor) for name, tensor in run().items()}
