"""A small GAN on a ring of Gaussians in TensorFlow: own generators, tf.function, summaries, progress bar, `.npz`."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import tempfile
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from tqdm import trange


class Net(tf.Module):
    """Dense layers with leaky ReLU between them."""

    def __init__(self, sizes: tuple[int, ...], name: str) -> None:
        super().__init__(name=name)
        self.layers = []
        for fan_in, fan_out in pairwise(sizes):
            limit = math.sqrt(6.0 / (fan_in + fan_out))
            kernel = tf.Variable(tf.random.uniform([fan_in, fan_out], -limit, limit))
            self.layers.append((kernel, tf.Variable(tf.zeros([fan_out]))))

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Apply all layers."""
        *inner, (kernel, bias) = self.layers
        for inner_kernel, inner_bias in inner:
            x = tf.nn.leaky_relu(x @ inner_kernel + inner_bias)
        return x @ kernel + bias


class RmsProp(tf.Module):
    """RMSprop without momentum."""

    def __init__(self, variables: tuple[tf.Variable, ...], lr: float) -> None:
        super().__init__(name="rms")
        self.lr = lr
        self.squares = [tf.Variable(tf.ones_like(v), trainable=False) for v in variables]

    def apply(self, gradients: list[tf.Tensor], variables: tuple[tf.Variable, ...]) -> None:
        """Do one update."""
        for gradient, variable, square in zip(gradients, variables, self.squares, strict=True):
            square.assign(0.95 * square + 0.05 * tf.square(gradient))
            variable.assign_sub(self.lr * gradient * tf.math.rsqrt(square + 1e-8))


class Sampler:
    """Draws real points, latent codes and label noise."""

    def __init__(self, batch_size: int, latent: int, modes: int, seed: int) -> None:
        self.batch_size, self.latent, self.modes = batch_size, latent, modes
        self.generator = tf.random.Generator.from_seed(seed)

    def real(self) -> tf.Tensor:
        """Points on a ring of Gaussians."""
        mode = tf.random.uniform([self.batch_size], maxval=self.modes, dtype=tf.int32)
        angle = 2.0 * math.pi * tf.cast(mode, tf.float32) / self.modes
        centres = tf.stack([tf.cos(angle), tf.sin(angle)], axis=1)
        return centres + tf.random.normal([self.batch_size, 2], stddev=0.05)

    def codes(self) -> tf.Tensor:
        """Latent codes."""
        return self.generator.normal([self.batch_size, self.latent])

    def soft_ones(self) -> tf.Tensor:
        """Targets a little below one."""
        return tf.random.uniform([self.batch_size, 1], 0.85, 1.0)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--latent", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--modes", type=int, default=8)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--save-every", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("outputs"))
    return parser.parse_args()


def covered_modes(points: np.ndarray, modes: int) -> int:
    """Count the Gaussians near which there is a point."""
    angles = 2 * np.pi * np.arange(modes) / modes
    centres = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    distance = np.linalg.norm(points[:, None] - centres[None], axis=-1)
    return int((distance.min(axis=0) < 0.2).sum())


def save_points(path: Path, **arrays: np.ndarray) -> None:
    """Write to a temporary file first, so that a file with the right name is always whole."""
    with tempfile.NamedTemporaryFile(suffix=".npz", delete=False) as handle:
        np.savez(handle, **arrays)
    shutil.move(handle.name, path)


def main() -> None:
    """Train and save points."""
    args = parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.random.set_seed(args.seed)
    out = args.out / time.strftime("gan-%Y%m%d-%H%M%S")
    out.mkdir(parents=True, exist_ok=True)
    maker = Net((args.latent, args.hidden, args.hidden, 2), name="maker")
    critic = Net((2, args.hidden, args.hidden, 1), name="critic")
    maker_optimizer = RmsProp(maker.trainable_variables, args.lr)
    critic_optimizer = RmsProp(critic.trainable_variables, args.lr)
    sampler = Sampler(args.batch_size, args.latent, args.modes, args.seed)

    @tf.function
    def step() -> tuple[tf.Tensor, tf.Tensor]:
        real, codes = sampler.real(), sampler.codes()
        with tf.GradientTape(persistent=True) as tape:
            made = maker(codes)
            on_real, on_made = critic(real), critic(made)
            cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits
            critic_loss = tf.reduce_mean(cross_entropy(sampler.soft_ones(), on_real))
            critic_loss += tf.reduce_mean(cross_entropy(tf.zeros_like(on_made), on_made))
            maker_loss = tf.reduce_mean(cross_entropy(tf.ones_like(on_made), on_made))
        critic_optimizer.apply(tape.gradient(critic_loss, critic.trainable_variables), critic.trainable_variables)
        maker_optimizer.apply(tape.gradient(maker_loss, maker.trainable_variables), maker.trainable_variables)
        return critic_loss, maker_loss

    writer = tf.summary.create_file_writer(str(out))
    began = time.perf_counter()
    with trange(1, args.steps + 1, desc="GAN", smoothing=0.1) as progress:
        for number in progress:
            critic_loss, maker_loss = step()
            if number % 50 == 0:
                progress.set_postfix(critic=f"{float(critic_loss):.3f}", maker=f"{float(maker_loss):.3f}")
                with writer.as_default(step=number):
                    tf.summary.scalar("critic", critic_loss)
                    tf.summary.scalar("maker", maker_loss)
            if number % args.save_every == 0:
                save_points(out / f"points-{number:05d}.npz", points=maker(sampler.codes()).numpy())
    took = time.perf_counter() - began
    points = maker(sampler.codes()).numpy()
    found = covered_modes(points, args.modes)
    print(f"{args.steps} steps in {took:.1f} s ({args.steps / took:.0f} steps/s), {found} of {args.modes} modes found")
    save_points(out / "points.npz", points=points)


if __name__ == "__main__":
    main()
