"""Layers and initialisers of Keras that draw, each made without a seed of its own."""

from __future__ import annotations

from ..fingerprint import digest
from . import _contract

SEEDS = (2, 3)
"""Neighbours: a seed whose lowest bit is ignored gives equal draws."""
ALONE = ", the framework's seed alone"
"""End of the names of draws for which only the backend was seeded."""
DRAWN_BY_LAYERS = (
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "MultiHeadAttention",
    "RandomContrast",
    "RandomFlip",
    "RandomTranslation",
    "SpatialDropout1D",
)
"""Layers with a `SeedGenerator`; one that is made without a seed takes it from Python's `random`."""
SOURCE = "Keras: `keras.utils.set_random_seed` (seeds Python, NumPy and the backend)"
DOCUMENTED = {name + ALONE: SOURCE for name in (*DRAWN_BY_LAYERS, "GlorotUniform", "keras.random.normal", "fit")}


def reached(settings, framework_alone):
    """
    For each kind of draw, its digests under each seed of the library; and of the framework alone, if asked.

    `names` in the settings keeps only these.
    """
    wanted, found = settings.get("names"), {}
    for library, end in ((True, ""), (False, ALONE))[: 2 if framework_alone else 1]:
        for name, draw in _draws().items():
            if not wanted or name + end in wanted:
                found[name + end] = [_drawn(draw, seed, library) for seed in SEEDS]
    return found


def _drawn(draw, seed, library):
    with _contract.seeded(seed, library):
        return digest(draw())


def _draws():
    import keras

    named = {name: lambda make=make: _called(make) for name, make in _layers(keras).items()}
    return dict(
        named,
        GlorotUniform=lambda: _array(keras.initializers.GlorotUniform()((8, 4))),
        **{"keras.random.normal": lambda: _array(keras.random.normal((32,))), "fit": _shuffled},
    )


def _layers(keras):
    """Name to a function that makes the layer; images are flipped, moved and given another contrast."""
    layers = keras.layers
    return {
        "AlphaDropout": lambda: layers.AlphaDropout(0.5),
        "Dropout": lambda: layers.Dropout(0.5),
        "GaussianDropout": lambda: layers.GaussianDropout(0.5),
        "GaussianNoise": lambda: layers.GaussianNoise(1.0),
        "MultiHeadAttention": lambda: layers.MultiHeadAttention(2, 4, dropout=0.5),
        "RandomContrast": lambda: layers.RandomContrast(0.9),
        "RandomFlip": layers.RandomFlip,
        "RandomTranslation": lambda: layers.RandomTranslation(0.5, 0.5),
        "SpatialDropout1D": lambda: layers.SpatialDropout1D(0.5),
    }


def _called(make):
    """The result of a new layer in training, on 32 rows of 8 x 3 numbers, or as many small images."""
    import keras
    import numpy

    layer = make()
    shape = (32, 4, 4, 3) if type(layer).__name__.startswith("Random") else (32, 8, 3)
    given = numpy.linspace(0.1, 0.9, int(numpy.prod(shape)), dtype="float32").reshape(shape)
    if isinstance(layer, keras.layers.MultiHeadAttention):
        return _array(layer(given, given, training=True))
    return _array(layer(given, training=True))


def _shuffled():
    """The order in which `fit` sees 32 rows, by the losses of batches of one row."""
    import keras
    import numpy

    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    network.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    losses = []
    rows = numpy.arange(32, dtype="float32").reshape(32, 1)
    seen = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: losses.append(round(logs["loss"], 3)))
    network.fit(rows, numpy.zeros((32, 1), "float32"), batch_size=1, verbose=0, callbacks=[seen])
    return losses


def _array(value):
    import keras

    return keras.ops.convert_to_numpy(value)
