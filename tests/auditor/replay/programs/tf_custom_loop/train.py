"""Activity recognition, the loop by hand in TensorFlow: tf.function, GradientTape, tf.summary, CheckpointManager."""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
from pipeline import CHANNELS, CLASSES, WINDOW, evaluation_set, training_set, write_shards

log = logging.getLogger("train")


class Mlp(tf.Module):
    """A perceptron with two hidden layers; its initial weights depend on the seed alone."""

    def __init__(self, sizes: list[int], seed: int) -> None:
        super().__init__()
        self.weights, self.biases = [], []
        for index, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            scale = (2.0 / fan_in) ** 0.5
            initial = tf.random.stateless_normal([fan_in, fan_out], seed=[seed, index], stddev=scale)
            self.weights.append(tf.Variable(initial, name=f"w{index}"))
            self.biases.append(tf.Variable(tf.zeros([fan_out]), name=f"b{index}"))

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Give the logits."""
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = tf.nn.gelu(x @ weight + bias)
        return x @ self.weights[-1] + self.biases[-1]


class Adam(tf.Module):
    """Adam with decoupled weight decay, as variables so that it is saved with the checkpoint."""

    def __init__(self, variables: tuple[tf.Variable, ...], lr: float, decay: float) -> None:
        super().__init__()
        self.lr, self.decay = lr, decay
        self.count = tf.Variable(0.0, trainable=False)
        self.first = [tf.Variable(tf.zeros_like(v), trainable=False) for v in variables]
        self.second = [tf.Variable(tf.zeros_like(v), trainable=False) for v in variables]

    def apply(self, gradients: list[tf.Tensor], variables: tuple[tf.Variable, ...]) -> None:
        """Do one update."""
        self.count.assign_add(1.0)
        rate = self.lr * tf.sqrt(1.0 - 0.999**self.count) / (1.0 - 0.9**self.count)
        for g, v, m, s in zip(gradients, variables, self.first, self.second, strict=True):
            m.assign(0.9 * m + 0.1 * g)
            s.assign(0.999 * s + 0.001 * tf.square(g))
            v.assign_sub(rate * m / (tf.sqrt(s) + 1e-7) + self.lr * self.decay * v)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--shuffle-buffer", type=int, default=1024, help="0: no shuffling")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--log-dir", type=Path, default=Path("logs"))
    return parser.parse_args()


def evaluate(model: Mlp, dataset: tf.data.Dataset) -> float:
    """Give the accuracy."""
    hits = total = 0
    for signals, labels in dataset:
        predicted = tf.argmax(model(signals), axis=-1)
        hits += int(tf.reduce_sum(tf.cast(predicted == labels, tf.int32)))
        total += int(labels.shape[0])
    return hits / total


def main() -> None:
    """Train, evaluate after each epoch, keep the last three checkpoints."""
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(levelname)s %(message)s")
    tf.config.threading.set_intra_op_parallelism_threads(2)
    run_dir = args.log_dir / datetime.now().strftime("%Y-%m-%dT%H-%M-%S.%f")
    scratch = tempfile.TemporaryDirectory(prefix="activity-")
    train_dir, test_dir = Path(scratch.name, "train"), Path(scratch.name, "test")
    for folder, shards, seed in ((train_dir, args.shards, 1), (test_dir, 2, 2)):
        folder.mkdir()
        write_shards(folder, shards=shards, per_shard=320, seed=seed)
    log.info("Recordings in %s, results in %s", scratch.name, run_dir)

    train = training_set(train_dir, batch_size=args.batch_size, shuffle=args.shuffle_buffer, seed=args.seed)
    test = evaluation_set(test_dir, batch_size=256)
    model = Mlp([WINDOW * CHANNELS, 96, 48, CLASSES], args.seed)
    optimizer = Adam(model.trainable_variables, args.lr, args.weight_decay)

    @tf.function
    def step(signals: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(signals))
            loss = tf.reduce_mean(losses)
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    epoch_counter = tf.Variable(0, trainable=False, dtype=tf.int64)
    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer, epoch=epoch_counter)
    manager = tf.train.CheckpointManager(checkpoint, str(run_dir / "checkpoints"), max_to_keep=3)
    writer = tf.summary.create_file_writer(str(run_dir))
    step_number = 0
    with writer.as_default():
        for epoch in range(1, args.epochs + 1):
            began, running = time.perf_counter(), 0.0
            for batches, (signals, labels) in enumerate(train, start=1):  # noqa: B007
                running += float(step(signals, labels))
                step_number += 1
            took = time.perf_counter() - began
            accuracy = evaluate(model, test)
            tf.summary.scalar("loss", running / batches, step=step_number)
            tf.summary.scalar("accuracy", accuracy, step=step_number)
            tf.summary.scalar("examples_per_second", batches * args.batch_size / took, step=step_number)
            epoch_counter.assign_add(1)
            saved = manager.save()
            log.info(
                "epoch %d loss %.4f accuracy %.3f (%.2f s, %.0f examples/s) -> %s",
                *(epoch, running / batches, accuracy, took, batches * args.batch_size / took, saved),
            )
    scratch.cleanup()


if __name__ == "__main__":
    main()
