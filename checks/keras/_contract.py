"""Shared by the checks of Keras on each backend: the model, its training, and seeding that is undone."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile

from ..agreement import agreement
from ..fingerprint import digest
from ..process import child, discovery, restore
from . import _reference

SEED = 20260303
ROWS, LENGTH, WORDS, WIDTH, CLASSES = 16, 12, 40, 16, 6
EPOCHS = 2
CHILD_SECONDS = 300
REDUCTION = ROWS * LENGTH
"""Elements summed behind a gradient of the convolution: every position of every row."""
GLOBAL_ATTRIBUTES = ("global_random_seed", "global_seed_generator")
"""Where Keras stores what `set_random_seed` sets; there is no public way to read it."""


@contextlib.contextmanager
def seeded(seed=SEED, library=True):
    """
    `keras.utils.set_random_seed` for the duration; restores every generator and the surroundings afterwards.

    Without `library` the backend alone is seeded, as by a program that knows the framework's seed call: Python's and
    NumPy's generators take a seed from the system, and Keras has none.

    The first seed of a process imports TensorFlow where it is installed, whatever the backend (Keras 3.15: 2 to 3 s).
    """
    import keras
    from keras.src.backend.common import global_state

    before = {name: global_state.get_global_attribute(name) for name in GLOBAL_ATTRIBUTES}
    with restore.kept(), discovery.load("%s._state" % keras.backend.backend()).seeded(seed):
        try:
            if library:
                keras.utils.set_random_seed(seed)
            else:
                _forget_seeds()
            yield
        finally:
            for name, value in before.items():
                global_state.set_global_attribute(name, value)


def _forget_seeds():
    import random

    import numpy
    from keras.src.backend.common import global_state

    random.seed()
    numpy.random.seed()
    for name in GLOBAL_ATTRIBUTES:
        global_state.set_global_attribute(name, None)


def same_seed():
    """Digests of the losses, of each layer's variables and of the dropout generators after a seeded `fit`."""
    import keras

    with seeded():
        network = ready(model(dropout=0.2), keras.optimizers.Adam(0.01))
        losses = fit(network, 0, EPOCHS, shuffle=True)
        drawn = generators(network)
    layers = {
        "layer:" + layer.name: digest(as_arrays(layer.weights)) for layer in network.layers if len(layer.weights) > 0
    }
    optimizer = digest(as_arrays(network.optimizer.variables))
    return dict(layers, losses=digest(losses), optimizer=optimizer, generators=drawn)


def compiled_training():
    """Agreement of loss and gradients of one `fit` step: `jit_compile=True` against `run_eagerly=True`."""
    return _compiled(_gradients)


def compiled_prediction():
    """Agreement of the result of `predict`: `jit_compile=True` against `run_eagerly=True`."""
    return _compiled(_output)


def _compiled(step):
    with seeded():
        start = model(dropout=0).get_weights()
        eager, compiled = step(start, run_eagerly=True), step(start, jit_compile=True)
    exact = _reference.outputs(start, *data(1))
    return {name: agreement(eager[name], compiled[name], exact[name], REDUCTION) for name in eager}


def _gradients(start, **how):
    """Loss and gradients of one step. With a rate of 1, the momentum is the negated gradient."""
    import keras
    import numpy

    network = ready(model(dropout=0), keras.optimizers.SGD(1.0, momentum=0.5), **how)
    network.set_weights(start)
    losses = network.fit(*data(1), batch_size=ROWS, verbose=0, shuffle=False).history["loss"]
    momenta = [variable for variable in network.optimizer.variables if variable.path.endswith("_momentum")]
    names = [variable.path for variable in network.trainable_variables]
    found = {"gradient %s" % name: -array for name, array in zip(names, as_arrays(momenta))}
    return dict(found, loss=numpy.asarray(losses, dtype="float32"))


def _output(start, **how):
    network = ready(model(dropout=0), "sgd", **how)
    network.set_weights(start)
    return {"output": network.predict(data(1)[0], batch_size=ROWS, verbose=0)}


def resume():
    """
    Digests after loading the `.keras` file in a fresh process and continuing, against continuing in this one.

    The generators are compared as they were loaded. The child then receives their states separately, so that
    weights and optimizer are judged alone. PyTorch's state is set at the start of training, because the first `fit` of
    a loaded model draws from it while it builds (Keras 3.15.1).
    """
    import keras

    with seeded(), tempfile.TemporaryDirectory() as folder:
        network = ready(model(dropout=0.2), keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 8)))
        fit(network, 0, EPOCHS)
        path = os.path.join(folder, "half.keras")
        network.save(path)
        handed = {"path": path, "states": [array.tolist() for array in as_arrays(seed_states(network))]}
        if keras.backend.backend() == "torch":
            handed["torch"] = _torch_state().tolist()
        expected = {"dropout generators": generators(network)}
        expected.update(_continued(network))
        observed = child.run("keras._contract.resumed", handed, timeout_seconds=CHILD_SECONDS)
    return {name: {"expected": value, "observed": observed.get(name)} for name, value in expected.items()}


def resumed(arguments):
    """In the child: load and continue training."""
    import keras

    with seeded():
        network = keras.saving.load_model(arguments["path"])
        loaded = generators(network)
        for variable, state in zip(seed_states(network), arguments["states"]):
            variable.assign(state)
        begin = [keras.callbacks.LambdaCallback(on_train_begin=lambda _: _torch_state(arguments.get("torch")))]
        return dict(_continued(network, begin if "torch" in arguments else []), **{"dropout generators": loaded})


def _continued(network, callbacks=()):
    """Train the second half; returns digests of losses, weights and optimizer."""
    losses = fit(network, EPOCHS, 2 * EPOCHS, callbacks=callbacks)
    values = {"losses": losses, "weights": network.get_weights(), "optimizer": as_arrays(network.optimizer.variables)}
    return {name: digest(value) for name, value in values.items()}


def model(dropout):
    """A small text classifier; its layers have explicit names, so that Keras does not number them."""
    import keras

    layers = keras.layers
    words = keras.Input((LENGTH,), dtype="int32", name="words")
    hidden = layers.Embedding(WORDS, WIDTH, name="embedding")(words)
    hidden = layers.Conv1D(WIDTH, 3, padding="same", activation="relu", name="convolution")(hidden)
    if dropout:
        hidden = layers.BatchNormalization(name="batch_norm")(hidden)
        hidden = layers.MultiHeadAttention(2, 8, dropout=dropout, name="attention")(hidden, hidden)
        hidden = layers.Dropout(dropout, name="dropout")(hidden)
    hidden = layers.LayerNormalization(name="layer_norm")(hidden)
    hidden = layers.Flatten(name="flatten")(hidden)
    return keras.Model(words, layers.Dense(CLASSES, name="dense")(hidden), name="classifier")


def data(batches=2):
    """Words and classes from a separate NumPy generator."""
    import numpy

    draws = numpy.random.RandomState(7)
    words = draws.randint(0, WORDS, (batches * ROWS, LENGTH)).astype("int32")
    return words, draws.randint(0, CLASSES, batches * ROWS).astype("int32")


def ready(network, optimizer, **how):
    """The model, compiled for training; `how` is passed to its `compile`."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=optimizer, loss=loss, **how)
    return network


def fit(network, first, last, shuffle=False, callbacks=()):
    """Train from epoch `first` up to `last`; returns the losses."""
    how = {"batch_size": ROWS, "verbose": 0, "shuffle": shuffle, "callbacks": list(callbacks)}
    return network.fit(*data(), initial_epoch=first, epochs=last, **how).history["loss"]


def seed_states(network):
    """The variables that hold the states of the dropout layers' generators."""
    return [variable for variable in network.non_trainable_variables if variable.path.endswith("seed_generator_state")]


def generators(network):
    """Digest of the state that dropout draws from: these variables, and on PyTorch torch's generator."""
    import keras

    own = [_torch_state()] if keras.backend.backend() == "torch" else []
    return digest(as_arrays(seed_states(network)) + own)


def _torch_state(state=None):
    """Set PyTorch's generator to a state if one is given; returns its state as an array."""
    torch = sys.modules["torch"]
    if state is not None:
        torch.set_rng_state(torch.tensor(state, dtype=torch.uint8))
    return torch.get_rng_state().numpy()


def as_arrays(variables):
    """NumPy arrays of Keras variables, in their order."""
    import keras

    return [keras.ops.convert_to_numpy(variable) for variable in variables]
