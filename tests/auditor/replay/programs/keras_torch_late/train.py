"""Forecast demand of many shops: Keras on PyTorch, a config file, batches by a PyDataset, `fit`, best weights kept."""

from __future__ import annotations

import argparse
import logging
import math
import os
import time
from datetime import datetime
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
import yaml
from network import build_forecaster

LOGGER = logging.getLogger(__name__)


class Windows(keras.utils.PyDataset):
    """Windows of past and coming days, reshuffled after each epoch."""

    def __init__(self, series: np.ndarray, history: int, horizon: int, batch_size: int, seed: int | None) -> None:
        super().__init__()
        self.series, self.history, self.horizon, self.batch_size = series, history, horizon, batch_size
        self.places = [
            (shop, day)
            for shop in range(series.shape[0])
            for day in range(0, series.shape[1] - history - horizon, horizon)
        ]
        self.rng = np.random.default_rng(seed) if seed is not None else None
        self.on_epoch_end()

    def __len__(self) -> int:
        """Give the number of batches."""
        return math.ceil(len(self.places) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Give a batch."""
        chosen = self.places[index * self.batch_size : (index + 1) * self.batch_size]
        past = np.stack([self.series[shop, day : day + self.history] for shop, day in chosen])
        future = np.stack(
            [self.series[shop, day + self.history : day + self.history + self.horizon] for shop, day in chosen]
        )
        return past[..., None], future

    def on_epoch_end(self) -> None:
        """Shuffle the windows."""
        if self.rng is not None:
            self.rng.shuffle(self.places)


def make_series(shops: int, days: int, seed: int) -> np.ndarray:
    """Make weekly and yearly rhythms, a trend for each shop, noise."""
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    level, trend = rng.normal(0, 0.3, (shops, 1)), rng.normal(0, 0.001, (shops, 1))
    weekly = np.sin(2 * np.pi * day / 7 + rng.uniform(0, 6, (shops, 1)))
    yearly = 0.5 * np.cos(2 * np.pi * day / 365)
    return (level + trend * day + weekly + yearly + rng.normal(0, 0.2, (shops, days))).astype(np.float32)


def read_config() -> dict:
    """Read the config file; options of the command line come first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int)
    args = parser.parse_args()
    config = yaml.safe_load(args.config.read_text())
    config["training"].update({key: value for key, value in vars(args).items() if key != "config" and value})
    return config


def setup(config: dict) -> Path:
    """Set threads and seeds, make the folder of this run."""
    training = config["training"]
    torch.set_num_threads(training["threads"])
    keras.utils.set_random_seed(training["seed"])
    folder = Path("checkpoints", datetime.now().isoformat(timespec="milliseconds").replace(":", "."))
    folder.mkdir(parents=True)
    config["started"] = time.ctime()
    config["pid"] = os.getpid()
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder


def main() -> None:
    """Train and test."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname).1s %(message)s")
    config = read_config()
    data, training = config["data"], config["training"]
    folder = setup(config)
    model = build_forecaster(data["history"], data["horizon"], **config["model"])
    LOGGER.info("%s with %d parameters on %s", model.name, model.count_params(), keras.config.backend())

    series = make_series(data["shops"], data["days"], data["seed"])
    shapes = (data["history"], data["horizon"], training["batch_size"])
    split = int(0.8 * data["shops"])
    train = Windows(series[:split], *shapes, seed=training["seed"])
    held = Windows(series[split:], *shapes, seed=None)
    model.compile(keras.optimizers.Adam(training["lr"]), loss=keras.losses.Huber(), metrics=["mae"])
    began = time.perf_counter()
    model.fit(
        train,
        validation_data=held,
        epochs=training["epochs"],
        verbose=2,
        callbacks=[
            keras.callbacks.ModelCheckpoint(
                str(folder / "best.weights.h5"), save_best_only=True, save_weights_only=True
            ),
            keras.callbacks.ReduceLROnPlateau(patience=1),
        ],
    )
    took = time.perf_counter() - began
    LOGGER.info("%.1f s, %.0f windows/s", took, training["epochs"] * len(train.places) / took)
    model.load_weights(folder / "best.weights.h5")
    loss, mae = model.evaluate(held, verbose=0)
    LOGGER.info("held-out loss %.5f mae %.5f", loss, mae)
    torch.save(model.state_dict(), folder / "model.pt")


if __name__ == "__main__":
    main()
