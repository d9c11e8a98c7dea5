"""A perceptron on spirals in Flax with optax: TrainState, jitted steps, a CSV of step times, checkpoints."""

from __future__ import annotations

import argparse
import csv
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax import serialization
from flax.training import train_state

log = logging.getLogger("spirals")


class Mlp(nn.Module):
    """Dense layers with layer norm, GELU and dropout."""

    widths: Sequence[int]
    classes: int
    dropout: float = 0.1

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
        """Give the logits."""
        for width in self.widths:
            x = nn.gelu(nn.LayerNorm()(nn.Dense(width)(x)))
            x = nn.Dropout(self.dropout, deterministic=not train)(x)
        return nn.Dense(self.classes)(x)


class TrainState(train_state.TrainState):
    """The usual state, and the key for dropout."""

    dropout_key: jax.Array


def make_spirals(points: int, arms: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make interleaved spirals in the plane with a few useless columns."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, arms, points)
    radius = rng.uniform(0.1, 1.0, points)
    angle = 4.0 * radius + 2 * np.pi * label / arms + rng.normal(0, 0.15, points)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle), *rng.normal(0, 0.3, (4, points))], axis=1)
    return x.astype(np.float32), label.astype(np.int32)


def batches(x: np.ndarray, y: np.ndarray, size: int, key: jax.Array) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the batches of one epoch in a new order."""
    order = np.asarray(jax.random.permutation(key, len(x)))
    for start in range(0, len(order) - size + 1, size):
        chosen = order[start : start + size]
        yield x[chosen], y[chosen]


@jax.jit
def train_step(state: TrainState, x: jax.Array, y: jax.Array) -> tuple[TrainState, dict[str, jax.Array]]:
    """Do one update."""
    key = jax.random.fold_in(state.dropout_key, state.step)

    def loss_of(params: dict) -> tuple[jax.Array, jax.Array]:
        logits = state.apply_fn({"params": params}, x, train=True, rngs={"dropout": key})
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean(), logits

    (loss, logits), gradients = jax.value_and_grad(loss_of, has_aux=True)(state.params)
    state = state.apply_gradients(grads=gradients)
    return state, {"loss": loss, "accuracy": (logits.argmax(-1) == y).mean(), "norm": optax.global_norm(gradients)}


@jax.jit
def accuracy_of(state: TrainState, x: jax.Array, y: jax.Array) -> jax.Array:
    """Give the share of right answers."""
    return (state.apply_fn({"params": state.params}, x, train=False).argmax(-1) == y).mean()


def create_state(key: jax.Array, features: int, steps: int, args: argparse.Namespace) -> TrainState:
    """Initialise model and optimiser."""
    model = Mlp(tuple(args.widths), classes=args.arms, dropout=args.dropout)
    params_key, dropout_key = jax.random.split(key)
    params = jax.jit(partial(model.init, train=False))(params_key, jnp.zeros((1, features)))["params"]
    schedule = optax.warmup_cosine_decay_schedule(0.0, args.lr, steps // 10, steps)
    tx = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule))
    return TrainState.create(apply_fn=model.apply, params=params, tx=tx, dropout_key=dropout_key)


def main() -> None:
    """Train, evaluate, write metrics and checkpoints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--widths", type=int, nargs="+", default=[64, 64])
    parser.add_argument("--arms", type=int, default=3)
    parser.add_argument("--dropout", type=float, default=0.05)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workdir", type=Path, default=Path("runs"))
    args = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(asctime)s.%(msecs)03d %(message)s", datefmt="%H:%M:%S")
    workdir = args.workdir / time.strftime("%y%m%d-%H%M%S")
    workdir.mkdir(parents=True, exist_ok=True)
    x, y = make_spirals(2560, args.arms, seed=3)
    x, y, test_x, test_y = x[:2048], y[:2048], x[2048:], y[2048:]

    key = jax.random.PRNGKey(args.seed)
    key, init_key = jax.random.split(key)
    state = create_state(init_key, x.shape[1], args.epochs * (len(x) // args.batch_size), args)
    count = sum(leaf.size for leaf in jax.tree_util.tree_leaves(state.params))
    log.info("jax %s, %d parameters, %s, pid %d", jax.__version__, count, jax.devices()[0], os.getpid())

    summary = []
    with (workdir / "steps.csv").open("w", newline="") as handle:
        table = csv.DictWriter(handle, ["step", "loss", "accuracy", "norm", "milliseconds"])
        table.writeheader()
        for epoch in range(1, args.epochs + 1):
            epoch_began = time.perf_counter()
            key, order_key = jax.random.split(key)
            for batch in batches(x, y, args.batch_size, order_key):
                began = time.perf_counter()
                state, metrics = train_step(state, *batch)
                values = {name: float(value) for name, value in metrics.items()}
                took = 1000 * (time.perf_counter() - began)
                table.writerow({"step": int(state.step), **values, "milliseconds": round(took, 2)})
            speed = len(x) / (time.perf_counter() - epoch_began)
            test_accuracy = float(accuracy_of(state, test_x, test_y))
            summary.append({"epoch": epoch, "test_accuracy": test_accuracy, "examples_per_second": round(speed, 1)})
            if epoch % 5 == 0:
                log.info("epoch %d loss %.4f test %.3f, %.0f examples/s", epoch, values["loss"], test_accuracy, speed)
                (workdir / f"state-{epoch:03d}.msgpack").write_bytes(serialization.to_bytes(state))
    (workdir / "summary.json").write_text(json.dumps({"finished": time.ctime(), "epochs": summary}, indent=1))


if __name__ == "__main__":
    main()
