"""Regression on tabular data with Keras on JAX: own layers, `fit`, a learning-rate schedule, checkpoints, a CSV."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import time
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import keras
import numpy as np
from keras import layers, ops

logger = logging.getLogger("tabular")


class InputNoise(layers.Layer):
    """Adds normal noise to the standardised inputs while training."""

    def __init__(self, stddev: float, seed: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.stddev = stddev
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: jax.Array, *, training: bool = False) -> jax.Array:
        """Add the noise."""
        if not training:
            return inputs
        noise = keras.random.normal(ops.shape(inputs), stddev=self.stddev, seed=self.seed_generator)
        return inputs + noise


class Residual(layers.Layer):
    """Normalise, widen, narrow, add."""

    def __init__(self, width: int, dropout: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.norm = layers.LayerNormalization()
        self.widen = layers.Dense(2 * width, activation="silu")
        self.narrow = layers.Dense(width)
        self.dropout = layers.Dropout(dropout)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Build the parts."""
        self.norm.build(shape)
        self.widen.build(shape)
        self.narrow.build((*shape[:-1], self.widen.units))
        super().build(shape)

    def call(self, inputs: jax.Array, *, training: bool = False) -> jax.Array:
        """Apply the block."""
        return inputs + self.dropout(self.narrow(self.widen(self.norm(inputs))), training=training)


class Throughput(keras.callbacks.Callback):
    """Logs rows per second."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.began = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:  # noqa: ARG002
        """Note the time."""
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Log the epoch."""
        took = time.perf_counter() - self.began
        values = " ".join(f"{name}={value:.4f}" for name, value in (logs or {}).items())
        logger.info("epoch %d %s %.2f s %.0f rows/s", epoch + 1, values, took, self.rows / took)


def make_table(rows: int, columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make correlated columns and a target with interactions."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)) @ np.linalg.qr(rng.normal(size=(columns, columns)))[0]
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] - 0.5 * np.abs(x[:, 3]) + rng.normal(0, 0.1, rows)
    return x.astype(np.float32), y.astype(np.float32)[:, None]


def build_model(columns: int, args: argparse.Namespace) -> keras.Model:
    """Noise, a projection, residual blocks, one output."""
    inputs = keras.Input((columns,))
    x = InputNoise(args.noise, seed=args.seed)(inputs)
    x = layers.Dense(args.width)(x)
    for _ in range(args.blocks):
        x = Residual(args.width, args.dropout)(x)
    return keras.Model(inputs, layers.Dense(1)(x))


def main() -> None:
    """Train, test, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=2024)
    args = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(name)s] %(message)s")
    out = Path("experiments") / f"{socket.gethostname()}-{time.strftime('%m%d-%H%M%S')}"
    out.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(args.seed)
    logger.info("backend %s on %s, pid %d, output %s", keras.backend.backend(), jax.devices(), os.getpid(), out)

    columns = 12
    x, y = make_table(3072, columns, seed=1)
    mean, std = x[:2048].mean(0), x[:2048].std(0)
    x = (x - mean) / std
    model = build_model(columns, args)
    steps = args.epochs * (2048 // args.batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(args.lr, decay_steps=steps)
    model.compile(optimizer=keras.optimizers.AdamW(schedule, clipnorm=1.0), loss="mse", metrics=["mae"])
    model.fit(
        x[:2048],
        y[:2048],
        validation_data=(x[2048:2560], y[2048:2560]),
        batch_size=args.batch_size,
        epochs=args.epochs,
        verbose=0,
        callbacks=[
            Throughput(2048),
            keras.callbacks.CSVLogger(str(out / "epochs.csv")),
            keras.callbacks.ModelCheckpoint(str(out / "epoch-{epoch:02d}.weights.h5"), save_weights_only=True),
        ],
    )
    loss, mae = model.evaluate(x[2560:], y[2560:], verbose=0)
    logger.info("test mse %.5f mae %.5f", loss, mae)
    model.save_weights(out / "last.weights.h5")


if __name__ == "__main__":
    main()
