"""Input pipelines: the rows of parallel maps with and without draws, interleaves and shuffles."""

from __future__ import annotations

from . import _promises

ROWS = _promises.ROWS
_kept = []
"""The shuffle that keeps its order, created by the first call: later calls are later epochs."""


def parallel():
    """Pipelines with parallel stages: name to a function that returns the rows of one pass."""
    import tensorflow as tf

    numbers = tf.data.Dataset.range(ROWS)
    found = {name: _passed(build) for name, build in _promises.pipelines(tf).items()}

    def plain(row):
        return row, tf.cast(row, tf.float32) + _promises._uneven(tf, row)

    def stateless(row):
        return row, tf.random.stateless_uniform([], [7, row]) + _promises._uneven(tf, row)

    def carried(row, seed):
        return row, tf.random.stateless_uniform([], seed) + _promises._uneven(tf, row)

    seeds = tf.data.Dataset.random(seed=5).batch(2)
    found.update(
        {
            "map one at a time that draws": _passed(lambda: numbers.map(_drawn(tf))),
            "parallel map": _passed(lambda: numbers.map(plain, num_parallel_calls=8)),
            "parallel map, autotuned": _passed(
                lambda: numbers.map(plain, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
            ),
            "parallel map with stateless draws": _passed(lambda: numbers.map(stateless, num_parallel_calls=8)),
            "parallel map with seeds carried along": _passed(
                lambda: tf.data.Dataset.zip((numbers, seeds)).map(carried, num_parallel_calls=8)
            ),
            "parallel interleave in order": _passed(
                lambda: tf.data.Dataset.range(8).interleave(
                    lambda part: numbers.skip(part * 8).take(8).map(plain), cycle_length=4, num_parallel_calls=4
                )
            ),
            "parallel batches": _passed(lambda: numbers.map(plain).batch(8, num_parallel_calls=4).unbatch()),
        }
    )
    return found


def epochs():
    """Orders and draws that must differ: name to a function that returns one list entry for each epoch or seed."""
    import tensorflow as tf

    numbers, carried = tf.data.Dataset.range(ROWS), tf.data.Dataset.random(seed=5, rerandomize_each_iteration=True)
    generator = tf.random.Generator.from_seed(5)
    halves = [numbers.take(32), numbers.skip(32)]
    image = tf.ones([4, 4, 3])

    def again(build):
        return lambda: _epochs(build())

    def seeded(build):
        return lambda: [list(build(seed).as_numpy_iterator()) for seed in (1, 2, 3)]

    return {
        "shuffle, each epoch": again(lambda: numbers.shuffle(ROWS, seed=3)),
        "shuffle, each epoch of a repeat": lambda: list(numbers.shuffle(ROWS, seed=3).repeat(3).batch(ROWS)),
        "shuffle, each seed": seeded(lambda seed: numbers.shuffle(ROWS, seed=seed)),
        "shuffle that is kept, each seed": seeded(
            lambda seed: numbers.shuffle(ROWS, seed=seed, reshuffle_each_iteration=False)
        ),
        "small buffer, each seed": seeded(lambda seed: numbers.shuffle(8, seed=seed)),
        "sample from datasets, each seed": seeded(
            lambda seed: tf.data.Dataset.sample_from_datasets(halves, [0.5, 0.5], seed=seed)
        ),
        "draws in a map, each epoch": again(lambda: numbers.map(lambda _: tf.random.uniform([]))),
        "draws with an op seed in a map, each epoch": again(
            lambda: numbers.map(lambda _: tf.random.uniform([], seed=3))
        ),
        "tf.image augmentation in a map, each epoch": again(
            lambda: numbers.map(lambda _: tf.reduce_sum(tf.image.random_brightness(image, 0.5)))
        ),
        "draws of a Generator in a map, each epoch": again(lambda: numbers.map(lambda _: generator.uniform([]))),
        "draws in a map, each epoch of a repeat": lambda: list(
            numbers.map(lambda _: tf.random.uniform([])).repeat(3).batch(ROWS)
        ),
        "draws from seeds carried along, each epoch": again(
            lambda: carried.batch(2).take(ROWS).map(lambda seed: tf.random.stateless_uniform([], seed))
        ),
    }


def _epochs(dataset):
    return [list(dataset.as_numpy_iterator()) for _ in range(3)]


def shuffles():
    """Shuffles that must repeat: a new one under a seed, and a kept one that promises to keep its order."""
    import tensorflow as tf

    numbers = tf.data.Dataset.range(ROWS)
    if not _kept:
        _kept.append(numbers.shuffle(ROWS, seed=3, reshuffle_each_iteration=False))
    return {
        "shuffle with a seed": lambda: list(numbers.shuffle(ROWS, seed=3).as_numpy_iterator()),
        "shuffle under the global seed": lambda: list(numbers.shuffle(ROWS).as_numpy_iterator()),
        "shuffle that is kept": lambda: list(_kept[0].as_numpy_iterator()),
    }


def _drawn(tf):
    return lambda row: (row, tf.random.uniform([], seed=7))


def _passed(build):
    return lambda: [[int(row), float(value)] for row, value in build().as_numpy_iterator()]
