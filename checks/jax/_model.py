"""
A small hand-written model of the usual layers: embedding, convolution, norm, attention, dropout, dense layers, Adam.

Every parameter is a stack of square matrices, so that op-by-op runs need few different kernels: compiling one takes JAX
about 0.05 s, and a model of ordinary shapes needed 182 of them (8 s).
"""

from __future__ import annotations

ROWS, LENGTH, WIDTH = 8, 12, 16
DROPPED = 0.25
"""Share of activations that dropout zeroes."""
LAYERS = {"embedding": slice(0, 1), "conv": slice(1, 4), "attention": slice(4, 7), "dense": slice(7, 9)}
"""Each layer's place in the stack of 9 matrices."""


def batch(seed):
    """Tokens (ROWS, LENGTH) and classes (ROWS,) as int32, from a separate NumPy generator."""
    import numpy

    draws = numpy.random.RandomState(seed)
    words = draws.randint(0, WIDTH, (ROWS, LENGTH)).astype("int32")
    return words, draws.randint(0, WIDTH, ROWS).astype("int32")


def parameters(key):
    """The parameters of each layer, sliced from one draw."""
    import jax

    stack = 0.3 * jax.random.normal(key, (9, WIDTH, WIDTH))
    return {layer: stack[place] for layer, place in LAYERS.items()}


def features(values, words, mask=None):
    """Embedding, convolution, norm, attention and, with a mask of ones and zeros, dropout: (ROWS, WIDTH)."""
    import jax
    import jax.numpy as jnp

    hidden = values["embedding"][0][words]
    hidden = jax.lax.conv_general_dilated(hidden, values["conv"], (1,), "SAME", dimension_numbers=("NWC", "WIO", "NWC"))
    hidden = jax.nn.standardize(hidden)
    query, keys, content = (hidden @ values["attention"][place] for place in range(3))
    weights = jax.nn.softmax(jnp.einsum("bqd,bkd->bqk", query, keys) / WIDTH**0.5)
    hidden = hidden + weights @ content
    if mask is not None:
        hidden = hidden * mask / (1 - DROPPED)
    return hidden.mean(1)


def loss(values, words, classes, mask=None):
    """Mean cross entropy of the model."""
    return head(values, features(values, words, mask), classes)


def head(values, hidden, classes):
    """Mean cross entropy of the two dense layers over features (ROWS, WIDTH)."""
    import jax

    logits = jax.nn.relu(hidden @ values["dense"][0]) @ values["dense"][1]
    return -(jax.nn.log_softmax(logits) * jax.nn.one_hot(classes, WIDTH)).sum() / ROWS


def draw(key):
    """Split a key and draw dropout's mask from one half: (the other half, mask)."""
    import jax

    rest, drawn = jax.random.split(key)
    return rest, jax.random.bernoulli(drawn, 1 - DROPPED, (ROWS, LENGTH, WIDTH))


def adam(values, gradients, moments, number):
    """Step `number` (from 1) of a hand-written Adam: (new values, new moments)."""
    import jax
    import jax.numpy as jnp

    rate, first_decay, second_decay = 0.01, 0.9, 0.999
    first = jax.tree.map(lambda m, g: first_decay * m + (1 - first_decay) * g, moments[0], gradients)
    second = jax.tree.map(lambda m, g: second_decay * m + (1 - second_decay) * g * g, moments[1], gradients)
    scale = rate * jnp.sqrt(1 - second_decay**number) / (1 - first_decay**number)
    moved = jax.tree.map(lambda p, m, v: p - scale * m / (jnp.sqrt(v) + 1e-8), values, first, second)
    return moved, (first, second)
