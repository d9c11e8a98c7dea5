"""Writes sensor windows to TFRecord shards and reads them back as a `tf.data` pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

CHANNELS = 6
WINDOW = 24
CLASSES = 4
FEATURES = {
    "signal": tf.io.FixedLenFeature([WINDOW * CHANNELS], tf.float32),
    "label": tf.io.FixedLenFeature([], tf.int64),
}


def _example(signal: np.ndarray, label: int) -> bytes:
    return tf.train.Example(
        features=tf.train.Features(
            feature={
                "signal": tf.train.Feature(float_list=tf.train.FloatList(value=signal.ravel())),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
            }
        )
    ).SerializeToString()


def write_shards(folder: Path, *, shards: int, per_shard: int, seed: int) -> None:
    """Simulate walking, running, standing and noise, a shard for each recording."""
    rng = np.random.default_rng(seed)
    time_axis = np.arange(WINDOW)[:, None]
    for shard in range(shards):
        with tf.io.TFRecordWriter(str(folder / f"recording-{shard:03d}.tfrecord")) as writer:
            for _ in range(per_shard):
                label = int(rng.integers(CLASSES))
                phase = rng.uniform(0, 2 * np.pi, CHANNELS)
                wave = np.sin(time_axis * (0.2 + 0.25 * label) + phase) * (0.4 + 0.2 * label)
                writer.write(_example((wave + rng.normal(0, 0.6, wave.shape)).astype(np.float32), label))


def _parse(serialized: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    parsed = tf.io.parse_single_example(serialized, FEATURES)
    signal = parsed["signal"]
    return (signal - tf.reduce_mean(signal)) / (tf.math.reduce_std(signal) + 1e-6), parsed["label"]


def training_set(folder: Path, *, batch_size: int, shuffle: int, seed: int) -> tf.data.Dataset:
    """Interleave the shards, shuffle, batch; a new order in each epoch."""
    files = tf.data.Dataset.list_files(str(folder / "*.tfrecord"), shuffle=False)
    records = files.interleave(
        tf.data.TFRecordDataset, cycle_length=4, block_length=8, num_parallel_calls=tf.data.AUTOTUNE
    )
    if shuffle:
        records = records.shuffle(shuffle, seed=seed)
    return records.map(_parse, num_parallel_calls=2).batch(batch_size, drop_remainder=True).prefetch(2)


def evaluation_set(folder: Path, *, batch_size: int) -> tf.data.Dataset:
    """Return the shards one after the other."""
    paths = sorted(str(path) for path in folder.glob("*.tfrecord"))
    return tf.data.TFRecordDataset(paths).map(_parse).batch(batch_size)
