"""All kinds of draws in a TensorFlow program, and the generators whose state can be saved and restored."""

from __future__ import annotations

from . import _keras

STREAMS = 16
"""Streams of each kind, all of which must differ (count)."""


def by_global_seed():
    """Kinds of draws that `tf.random.set_seed` (with `random.seed` and `numpy.random.seed`) must reach."""
    import random

    import numpy
    import tensorflow as tf

    return {
        "python": lambda: [random.random() for _ in range(4)],
        "numpy": lambda: numpy.random.random(4),
        "tf.random.normal": lambda: tf.random.normal([4]),
        "tf.random.normal with an op seed": lambda: tf.random.normal([4], seed=3),
        "tf.random.shuffle": lambda: tf.random.shuffle(tf.range(64)),
        "tf.random.categorical": lambda: tf.random.categorical(tf.zeros([1, 50]), 16),
        "tf.nn.dropout": lambda: tf.nn.dropout(tf.ones([64]), 0.5),
        "draw in a tf.function": _in_function,
        "dataset shuffle": lambda: _rows(tf.data.Dataset.range(64).shuffle(64)),
        "dataset of draws": lambda: _rows(tf.data.Dataset.random().take(4)),
        "draw in a dataset's map": lambda: _rows(tf.data.Dataset.range(4).map(lambda _: tf.random.uniform([]))),
        "random_crop": lambda: tf.image.random_crop(tf.range(4096), [8]),
    }


def by_keras_seed():
    """Kinds of draws that `keras.utils.set_random_seed` must reach."""
    if not _keras.installed():
        return {}
    import keras

    ones = keras.ops.ones((8, 16))
    return {
        "keras.random.normal": lambda: keras.random.normal((4,)),
        "keras initialiser": lambda: keras.initializers.GlorotUniform()((4, 4)),
        "keras layer's weights": lambda: keras.layers.Dense(4)(ones),
        "keras dropout": lambda: keras.layers.Dropout(0.5)(ones, training=True),
        "keras noise": lambda: keras.layers.GaussianNoise(1.0)(ones, training=True),
    }


def by_own_seed():
    """Kinds of draws that take their seed as an argument: name to a function of the seed."""
    import tensorflow as tf

    found = {
        "tf.random.Generator": lambda seed: tf.random.Generator.from_seed(seed).normal([4]),
        "stateless draws": lambda seed: tf.random.stateless_normal([4], [seed, 0]),
        "dataset shuffle with a seed": lambda seed: _rows(tf.data.Dataset.range(64).shuffle(64, seed=seed)),
    }
    if _keras.installed():
        import keras

        found["keras SeedGenerator"] = lambda seed: keras.random.normal((4,), seed=keras.random.SeedGenerator(seed))
        found["keras initialiser with a seed"] = lambda seed: keras.initializers.RandomNormal(seed=seed)((4,))
    return found


def streams():
    """Streams derived from one seed, all of which must differ: name to a list of draws."""
    import tensorflow as tf

    seed = [7, 11]
    split = tf.random.split(seed, STREAMS)
    generators = tf.random.Generator.from_seed(7).split(STREAMS)
    keys = tf.unstack(tf.random.Generator.from_seed(7).make_seeds(STREAMS), axis=1)
    folded = [tf.random.fold_in(seed, number) for number in range(STREAMS)]
    return {
        "stateless split": [tf.random.stateless_uniform([4], each) for each in tf.unstack(split)],
        "stateless fold_in": [tf.random.stateless_uniform([4], each) for each in folded],
        "Generator.split": [generator.uniform([4]) for generator in generators],
        "Generator.make_seeds": [tf.random.stateless_uniform([4], each) for each in keys],
        "op seeds": [tf.random.uniform([4], seed=number) for number in range(STREAMS)],
        "calls without a seed": [tf.random.uniform([4]) for _ in range(STREAMS)],
    }


def generators():
    """Generators whose state a checkpoint can keep: name to (draw, save, restore), each created from one seed."""
    import random

    import numpy
    import tensorflow as tf

    ours, tables, made = random.Random(5), numpy.random.RandomState(5), tf.random.Generator.from_seed(5)
    found = {
        "python": (lambda: [ours.random() for _ in range(4)], ours.getstate, ours.setstate),
        "numpy": (lambda: tables.standard_normal(3), tables.get_state, tables.set_state),
        "tf.random.Generator": (lambda: made.normal([3]), made.state.numpy, made.reset),
    }
    if _keras.installed():
        import keras

        seeds = keras.random.SeedGenerator(5)
        found["keras SeedGenerator"] = (
            lambda: keras.random.normal((3,), seed=seeds),
            seeds.state.numpy,
            seeds.state.assign,
        )
    return found


def _in_function():
    """A new function each time: a function keeps the counters of its operations."""
    import tensorflow as tf

    return tf.function(lambda: tf.random.uniform([4]))()


def _rows(dataset):
    return list(dataset.as_numpy_iterator())
