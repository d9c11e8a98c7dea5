"""A variational autoencoder without a framework: parameters in a dictionary, Adam by hand."""

from __future__ import annotations

import zlib

import jax
import jax.numpy as jnp

Params = dict[str, jax.Array]


def layer_shapes(pixels: int, hidden: int, latent: int) -> dict[str, tuple[int, int]]:
    """Give the shape of each weight matrix."""
    return {
        "encoder/hidden": (pixels, hidden),
        "encoder/mean": (hidden, latent),
        "encoder/log_variance": (hidden, latent),
        "decoder/hidden": (latent, hidden),
        "decoder/logits": (hidden, pixels),
    }


def key_for(key: jax.Array, name: str) -> jax.Array:
    """Give each name a key of its own, whatever the order of the layers."""
    return jax.random.fold_in(key, zlib.crc32(name.encode()) & 0x7FFFFFFF)


def init_params(key: jax.Array, pixels: int, hidden: int, latent: int) -> Params:
    """Draw the weights, set the biases to zero."""
    params = {}
    for name, (fan_in, fan_out) in layer_shapes(pixels, hidden, latent).items():
        params[f"{name}/w"] = jax.random.normal(key_for(key, name), (fan_in, fan_out)) / jnp.sqrt(fan_in)
        params[f"{name}/b"] = jnp.zeros(fan_out)
    return params


def dense(params: Params, name: str, x: jax.Array) -> jax.Array:
    """Apply a layer."""
    return x @ params[f"{name}/w"] + params[f"{name}/b"]


def encode(params: Params, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Give mean and logarithm of the variance of the code."""
    hidden = jnp.tanh(dense(params, "encoder/hidden", x))
    return dense(params, "encoder/mean", hidden), dense(params, "encoder/log_variance", hidden)


def decode(params: Params, code: jax.Array) -> jax.Array:
    """Give the logits of the pixels."""
    return dense(params, "decoder/logits", jnp.tanh(dense(params, "decoder/hidden", code)))


def negative_elbo(params: Params, key: jax.Array, x: jax.Array, beta: float) -> jax.Array:
    """Give the mean of reconstruction error and divergence."""
    mean, log_variance = encode(params, x)
    code = mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)
    logits = decode(params, code)
    error = jnp.sum(jax.nn.softplus(logits) - x * logits, axis=-1)
    divergence = 0.5 * jnp.sum(jnp.exp(log_variance) + mean**2 - 1.0 - log_variance, axis=-1)
    return jnp.mean(error + beta * divergence)


def adam_init(params: Params) -> dict[str, Params | jax.Array]:
    """Give the first state of Adam."""
    zeros = jax.tree_util.tree_map(jnp.zeros_like, params)
    return {"m": zeros, "v": zeros, "t": jnp.zeros(())}


def adam_update(gradients: Params, state: dict, params: Params, lr: float) -> tuple[Params, dict]:
    """Give new parameters and the new state."""
    t = state["t"] + 1
    m = jax.tree_util.tree_map(lambda m, g: 0.9 * m + 0.1 * g, state["m"], gradients)
    v = jax.tree_util.tree_map(lambda v, g: 0.999 * v + 0.001 * g * g, state["v"], gradients)
    rate = lr * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    params = jax.tree_util.tree_map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), params, m, v)
    return params, {"m": m, "v": v, "t": t}
