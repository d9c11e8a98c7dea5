"""
A short training that is saved in the middle; each part that must be the same after loading as a digest.

Two ways to save: Keras's own file of a compiled model, and `tf.train.Checkpoint` for a custom loop.
"""

from __future__ import annotations

import os

from ..fingerprint import digest
from . import _keras

STEPS, ROWS, SEED = 3, 8, 17543
KINDS = ("keras", "checkpoint")


def straight(kind, folder):
    """
    (parts when saved, parts at the end) of a training of 2 STEPS that is saved after STEPS.

    It runs on the CPU: a file's content does not depend on the device, and two processes cannot share a GPU's memory.
    """
    import tensorflow as tf

    with _keras.seeded(SEED), tf.device("/CPU:0"):
        run = _MAKERS[kind]()
        run.train()
        saved = run.parts()
        run.save(folder)
        run.train()
        return saved, run.parts()


def resumed(folders):
    """In a fresh process: for each kind, (parts when loaded, parts after STEPS more)."""
    found = {}
    for kind, folder in folders.items():
        with _keras.seeded(SEED):  # the same program restarted: its pipelines have the same seeds
            run = _MAKERS[kind]()
            run.load(folder)
            loaded = run.parts()
            run.train()
            found[kind] = [loaded, run.parts()]
    return found


class _WithKeras:
    """A compiled Keras model: dense layers, a batch norm, dropout, Adam; the step's number determines its data."""

    def __init__(self):
        import keras

        layers = keras.layers
        self._model = keras.Sequential(
            [
                keras.Input((12,)),
                layers.Dense(24, activation="gelu"),
                layers.BatchNormalization(),
                layers.Dropout(0.3, seed=5),
                layers.Dense(1),
            ]
        )
        self._model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
        self._losses = []

    def train(self):
        import numpy

        self._losses = []
        for _ in range(STEPS):
            draws = numpy.random.RandomState(int(self._model.optimizer.iterations.numpy()))
            rows = draws.standard_normal((ROWS, 12)).astype("float32")
            self._losses.append(self._model.train_on_batch(rows, rows[:, :1]))

    def parts(self):
        optimizer = self._model.optimizer
        seeds = [layer.seed_generator.state for layer in self._model.layers if hasattr(layer, "seed_generator")]
        return {
            "losses": digest([float(loss) for loss in self._losses]),
            "weights": digest([weight.numpy() for weight in self._model.trainable_variables]),
            "batch norm's averages": digest([layer.numpy() for layer in self._averages()]),
            "optimizer": digest([variable.numpy() for variable in optimizer.variables]),
            "dropout's seeds": digest([state.numpy() for state in seeds]),
        }

    def _averages(self):
        return [variable for variable in self._model.non_trainable_variables if "moving" in variable.path]

    def save(self, folder):
        self._model.save(os.path.join(folder, "model.keras"))

    def load(self, folder):
        import keras

        self._model = keras.saving.load_model(os.path.join(folder, "model.keras"))


class _WithCheckpoint:
    """A custom loop: weights, Adam under a loss scale, draws of a Generator, a shuffled pipeline."""

    def __init__(self):
        import keras
        import tensorflow as tf

        self._tf, draw = tf, tf.random.stateless_normal
        self._weights = [tf.Variable(draw([12, 24], [1, 2])), tf.Variable(draw([24, 1], [3, 4]))]
        self._optimizer = keras.optimizers.LossScaleOptimizer(
            keras.optimizers.Adam(0.01), initial_scale=2.0**10, dynamic_growth_steps=2
        )
        self._optimizer.build(self._weights)
        self._generator = tf.random.Generator.from_seed(5)
        rows = draw([ROWS * 5, 12], [5, 6])
        self._batches = iter(tf.data.Dataset.from_tensor_slices(rows).shuffle(ROWS * 5, seed=3).repeat().batch(ROWS))
        self._checkpoint = tf.train.Checkpoint(
            first=self._weights[0],
            second=self._weights[1],
            optimizer=self._optimizer,
            generator=self._generator,
            batches=self._batches,
        )
        self._losses, self._seen = [], []

    def train(self):
        tf = self._tf
        self._losses, self._seen = [], []
        for _ in range(STEPS):
            rows = next(self._batches)
            with tf.GradientTape() as tape:
                hidden = tf.tanh(tf.matmul(rows, self._weights[0]))
                kept = hidden * tf.cast(self._generator.uniform(hidden.shape) > 0.3, tf.float32)
                loss = tf.reduce_mean(tf.square(tf.matmul(kept, self._weights[1]) - rows[:, :1]))
                scaled = self._optimizer.scale_loss(loss)
            self._optimizer.apply(tape.gradient(scaled, self._weights), self._weights)
            self._losses.append(loss)
            self._seen.append(rows)

    def parts(self):
        return {
            "losses": digest(self._losses),
            "batches": digest(self._seen),
            "weights": digest(self._weights),
            "optimizer": digest([variable.numpy() for variable in self._optimizer.inner_optimizer.variables]),
            "loss scale": digest(
                [variable.numpy() for variable in self._optimizer.variables if "inner" not in variable.path][:2]
            ),
            "generator": digest(self._generator.state),
        }

    def save(self, folder):
        self._checkpoint.write(os.path.join(folder, "checkpoint"))

    def load(self, folder):
        self._checkpoint.read(os.path.join(folder, "checkpoint")).assert_consumed()


_MAKERS = {"keras": _WithKeras, "checkpoint": _WithCheckpoint}
PASSING = ("losses", "batches")
"""Parts that are not saved: recorded at the end only."""
