"""Data-parallel training on two virtual CPU devices with `shard_map`: gradients are averaged with `pmean`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import os
import time
from functools import partial
from pathlib import Path

os.environ["XLA_FLAGS"] = (os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=2").strip()
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import model as mixer
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

log = logging.getLogger("mixer")


def make_data(rows: int, patches: int, channels: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make rows of patches; the class is shown in some of the patches."""
    codes = np.random.default_rng(0).normal(size=(classes, channels))
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, rows)
    shown = rng.random((rows, patches, 1)) < 0.3
    x = rng.normal(size=(rows, patches, channels)) + shown * codes[labels][:, None]
    return x.astype(np.float32), labels.astype(np.int32)


def loss_of(params: mixer.Params, x: jax.Array, y: jax.Array) -> jax.Array:
    """Give the mean cross-entropy with a little smoothing."""
    logits = mixer.apply(params, x)
    targets = optax.smooth_labels(jax.nn.one_hot(y, logits.shape[-1]), 0.05)
    return optax.softmax_cross_entropy(logits, targets).mean()


def make_step(mesh: Mesh, optimizer: optax.GradientTransformation) -> jax.stages.Wrapped:
    """Give the update: each device has its part of the batch and all parameters."""

    @partial(jax.shard_map, mesh=mesh, in_specs=(P(), P("data"), P("data")), out_specs=(P(), P()), check_vma=False)
    def gradients_of(params: mixer.Params, x: jax.Array, y: jax.Array) -> tuple[jax.Array, mixer.Params]:
        loss, gradients = jax.value_and_grad(loss_of)(params, x, y)
        return jax.lax.pmean(loss, "data"), jax.lax.pmean(gradients, "data")

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(params: mixer.Params, opt_state: optax.OptState, x: jax.Array, y: jax.Array) -> tuple:
        loss, gradients = gradients_of(params, x, y)
        updates, opt_state = optimizer.update(gradients, opt_state, params)
        return optax.apply_updates(params, updates), opt_state, loss

    return step


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--global-batch", type=int, default=128)
    parser.add_argument("--width", type=int, default=48)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--freeze", nargs="*", default=["head.bias"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run-root", type=Path, default=Path("runs"))
    return parser.parse_args()


def main() -> None:
    """Train on all devices, evaluate, save."""
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    started = dt.datetime.now(tz=dt.timezone.utc)
    run = args.run_root / started.strftime("%Y%m%dT%H%M%S%f")
    run.mkdir(parents=True)

    mesh = Mesh(np.array(jax.devices()), ("data",))
    split, everywhere = NamedSharding(mesh, P("data")), NamedSharding(mesh, P())
    log.info("%d devices, global batch %d, run folder %s", mesh.size, args.global_batch, run)

    patches, channels, classes = 16, 12, 6
    x, y = make_data(2048, patches, channels, classes, seed=1)
    test_x, test_y = make_data(512, patches, channels, classes, seed=2)

    wanted = mixer.shapes(patches, channels, args.width, classes)
    params = mixer.init(jax.random.key(args.seed), wanted, mixer.trainable(wanted, tuple(args.freeze)))
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.lion(args.lr / 5, weight_decay=1e-3))
    params = jax.device_put(params, everywhere)
    opt_state = jax.device_put(optimizer.init(params), everywhere)
    step = make_step(mesh, optimizer)
    predict = jax.jit(lambda params, x: mixer.apply(params, x).argmax(-1))

    rng = np.random.default_rng(args.seed)
    history = []
    for epoch in range(1, args.epochs + 1):
        began, losses = time.monotonic(), []
        order = rng.permutation(len(x))
        for start in range(0, len(x), args.global_batch):
            chosen = order[start : start + args.global_batch]
            batch = jax.device_put((x[chosen], y[chosen]), split)
            params, opt_state, loss = step(params, opt_state, *batch)
            losses.append(loss)
        loss = float(jnp.stack(losses).mean())
        took = time.monotonic() - began
        accuracy = float(np.mean(np.asarray(predict(params, test_x)) == test_y))
        history.append({"epoch": epoch, "loss": loss, "accuracy": accuracy, "seconds": took})
        log.info("epoch %d loss %.4f accuracy %.3f %.0f rows/s", epoch, loss, accuracy, len(x) / took)
        np.savez(run / f"epoch{epoch:02d}.npz", **jax.device_get(params))
    (run / "history.json").write_text(json.dumps({"started": started.isoformat(), "epochs": history}, indent=1))


if __name__ == "__main__":
    main()
