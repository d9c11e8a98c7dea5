"""Train a small convolutional classifier with Keras' `fit` and the usual callbacks."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from datetime import datetime
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from data import make_split
from keras import layers


class TimeBudget(keras.callbacks.Callback):
    """Stop when training has taken longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.began = 0.0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start to count."""
        self.began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Look whether the time is up."""
        if self.seconds and time.monotonic() - self.began > self.seconds:
            print(f"\nTime budget of {self.seconds:.1f} s used up, stopping after batch {batch}")
            self.model.stop_training = True


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--dropout", type=float, default=0.25)
    parser.add_argument("--patience", type=int, default=2)
    parser.add_argument("--max-seconds", type=float, default=0.0, help="0: no limit")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--run-dir", type=Path, default=Path("runs"))
    return parser.parse_args()


def build_model(size: int, classes: int, dropout: float) -> keras.Model:
    """Two convolutions and a dense head."""
    inputs = keras.Input((size, size, 1))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    outputs = layers.Dense(classes)(x)
    return keras.Model(inputs, outputs, name="glyphs")


def make_callbacks(run_dir: Path, args: argparse.Namespace, examples: int) -> list[keras.callbacks.Callback]:
    """Logging, checkpoints, early stopping and timing."""
    clock = {"began": 0.0}

    def begin(_epoch: int, _logs: dict) -> None:
        clock["began"] = time.perf_counter()

    def end(epoch: int, _logs: dict) -> None:
        took = time.perf_counter() - clock["began"]
        print(f"epoch {epoch + 1}: {took:.2f} s, {examples / took:,.0f} images/s")

    return [
        keras.callbacks.CSVLogger(str(run_dir / "history.csv")),
        keras.callbacks.ModelCheckpoint(str(run_dir / "best.keras"), monitor="val_loss", save_best_only=True),
        keras.callbacks.TensorBoard(str(run_dir / "tb"), histogram_freq=0, update_freq="epoch"),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=args.patience, restore_best_weights=True),
        keras.callbacks.LambdaCallback(on_epoch_begin=begin, on_epoch_end=end),
        TimeBudget(args.max_seconds),
    ]


def main() -> None:
    """Train, evaluate and save."""
    args = parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.threading.set_inter_op_parallelism_threads(2)
    keras.utils.set_random_seed(args.seed)

    run_dir = args.run_dir / f"{datetime.now():%Y%m%d-%H%M%S}-{platform.node()}-{os.getpid()}"
    run_dir.mkdir(parents=True)
    (run_dir / "args.json").write_text(json.dumps(vars(args), default=str, indent=2))
    print(f"[{datetime.now():%H:%M:%S}] TensorFlow {tf.__version__}, Keras {keras.__version__}, writing to {run_dir}")

    size, classes = 12, 10
    train = make_split(2048, size=size, classes=classes, seed=args.seed)
    valid = make_split(512, size=size, classes=classes, seed=args.seed + 1)
    test = make_split(512, size=size, classes=classes, seed=args.seed + 2)

    model = build_model(size, classes, args.dropout)
    model.compile(
        optimizer=keras.optimizers.Adam(args.lr),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.summary()

    began = time.perf_counter()
    history = model.fit(
        train.images,
        train.labels,
        validation_data=(valid.images, valid.labels),
        batch_size=args.batch_size,
        epochs=args.epochs,
        callbacks=make_callbacks(run_dir, args, len(train.images)),
    )
    print(f"Trained {len(history.epoch)} epochs in {time.perf_counter() - began:.1f} s")

    results = model.evaluate(test.images, test.labels, batch_size=256, verbose=0, return_dict=True)
    print(f"Test loss {results['loss']:.4f}, accuracy {results['accuracy']:.2%}")
    model.save(run_dir / "final.keras")


if __name__ == "__main__":
    main()
