"""A mixer of patches: parameters by name, initialised one after the other."""

from __future__ import annotations

import jax
import jax.numpy as jnp

Params = dict[str, jax.Array]


def shapes(patches: int, channels: int, width: int, classes: int) -> dict[str, tuple[int, ...]]:
    """Give the shape of each parameter."""
    return {
        "embed.kernel": (channels, width),
        "tokens.kernel": (patches, patches),
        "tokens.scale": (width,),
        "channels.kernel_in": (width, 2 * width),
        "channels.kernel_out": (2 * width, width),
        "channels.scale": (width,),
        "head.kernel": (width, classes),
        "head.bias": (classes,),
    }


def trainable(names: dict[str, tuple[int, ...]], frozen: tuple[str, ...]) -> list[str]:
    """Give the names of the parameters that are drawn and trained."""
    return sorted(set(names) - set(frozen))


def init(key: jax.Array, wanted: dict[str, tuple[int, ...]], names: list[str]) -> Params:
    """Draw kernels, fill scales with ones and biases with zeros."""
    params = {}
    for name in names:
        key, sub = jax.random.split(key)
        shape = wanted[name]
        if name.endswith("scale"):
            params[name] = jnp.ones(shape)
        elif name.endswith("bias"):
            params[name] = jnp.zeros(shape)
        else:
            params[name] = jax.random.normal(sub, shape) * shape[0] ** -0.5
    return params


def normalise(x: jax.Array, scale: jax.Array) -> jax.Array:
    """Root-mean-square norm."""
    return x * scale * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6)


def apply(params: Params, x: jax.Array) -> jax.Array:
    """Give logits for rows of patches."""
    h = x @ params["embed.kernel"]
    h = h + jnp.einsum("bpw,pq->bqw", normalise(h, params["tokens.scale"]), params["tokens.kernel"])
    inner = jax.nn.gelu(normalise(h, params["channels.scale"]) @ params["channels.kernel_in"])
    h = h + inner @ params["channels.kernel_out"]
    return h.mean(axis=1) @ params["head.kernel"] + params.get("head.bias", 0.0)
