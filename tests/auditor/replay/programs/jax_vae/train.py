"""Train a VAE on binary bar images in pure JAX; an epoch is one `lax.scan`."""

from __future__ import annotations

import argparse
import functools
import os
import platform
import time
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
from vae import adam_init, adam_update, decode, init_params, key_for, negative_elbo


def make_bars(count: int, side: int, seed: int) -> np.ndarray:
    """Make images with a few lit rows and columns; some pixels are flipped."""
    rng = np.random.default_rng(seed)
    rows = rng.random((count, side, 1)) < 0.25
    columns = rng.random((count, 1, side)) < 0.25
    flips = rng.random((count, side, side)) < 0.02
    return ((rows | columns) ^ flips).reshape(count, side * side).astype(np.float32)


@functools.partial(jax.jit, static_argnames=("batch_size", "lr", "beta"))
def train_epoch(carry: tuple, images: jax.Array, *, batch_size: int, lr: float, beta: float) -> tuple:
    """Shuffle and go through all batches."""
    params, opt_state, key = carry
    key, order_key, noise_key = jax.random.split(key, 3)
    steps = images.shape[0] // batch_size
    order = jax.random.permutation(order_key, images.shape[0])[: steps * batch_size].reshape(steps, batch_size)

    def body(state: tuple, chosen: jax.Array) -> tuple:
        params, opt_state, step = state
        loss, gradients = jax.value_and_grad(negative_elbo)(
            params, jax.random.fold_in(noise_key, step), images[chosen], beta
        )
        params, opt_state = adam_update(gradients, opt_state, params, lr)
        return (params, opt_state, step + 1), loss

    (params, opt_state, _), losses = jax.lax.scan(body, (params, opt_state, 0), order)
    return (params, opt_state, key), losses.mean()


evaluate = jax.jit(negative_elbo, static_argnames="beta")


def main() -> None:
    """Train, print the ELBO, save parameters and samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--side", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--latent", type=int, default=12)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--beta", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--save-every", type=int, default=4)
    parser.add_argument("--outdir", type=Path, default=Path("outputs"))
    args = parser.parse_args()

    outdir = args.outdir / f"vae-{int(time.time())}"
    outdir.mkdir(parents=True, exist_ok=True)
    print(f"# {platform.node()} {platform.python_version()} jax {jax.__version__} pid {os.getpid()} -> {outdir}")
    images = jnp.asarray(make_bars(4096, args.side, seed=1))
    held = jnp.asarray(make_bars(512, args.side, seed=2))

    key = jax.random.PRNGKey(args.seed)
    params = init_params(key_for(key, "init"), args.side**2, args.hidden, args.latent)
    carry = (params, adam_init(params), key_for(key, "train"))
    evaluation_key = key_for(key, "evaluate")
    steps = len(images) // args.batch_size

    for epoch in range(1, args.epochs + 1):
        began = time.perf_counter()
        carry, loss = train_epoch(carry, images, batch_size=args.batch_size, lr=args.lr, beta=args.beta)
        loss.block_until_ready()
        speed = steps / (time.perf_counter() - began)
        elbo = -float(evaluate(carry[0], evaluation_key, held, beta=1.0))
        print(f"epoch {epoch:3d}  train ELBO {-float(loss):9.4f}  held-out ELBO {elbo:9.4f}  {speed:8.1f} steps/s")
        if epoch % args.save_every == 0:
            np.savez(outdir / f"params-{epoch:03d}.npz", epoch=epoch, **jax.device_get(carry[0]))

    codes = jax.random.normal(key_for(key, "sample"), (16, args.latent))
    samples = np.asarray(jax.nn.sigmoid(decode(carry[0], codes)))
    np.savez(outdir / "final.npz", samples=samples, elbo=elbo, **jax.device_get(carry[0]))


if __name__ == "__main__":
    main()
