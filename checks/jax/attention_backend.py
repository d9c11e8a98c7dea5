"""
Each implementation of attention that runs here agrees with the written-out formula, forward and backward.

Why: a library chooses among implementations by device, size and mask, and they did not always agree: masks were
ignored, and gradients of the queries changed from run to run (pytorch#123656, pytorch#166211, flash-attention#988). The
check compares `jax.nn.dot_product_attention` with products and a softmax, both against float64: plain, causal, with a
mask, with a bias, with a window, with fewer key heads, and with sequence lengths.

Remedy: name the implementation (`implementation="xla"`) so that no update chooses another one. The finding tells which
implementation differs, and by how much.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check, NotApplicable
from . import _layers

CHECK = Check(tier="full", rule="within", explains=("one-thread", "memory-fill"), compiles=True)
ROWS, LENGTH, HEADS, DEPTH = 2, 20, 4, 24
IMPLEMENTATIONS = (None, "xla", "cudnn")


def measure(settings):
    """Agreement of output and gradients for each implementation and kind; the conditions list what is refused."""
    import jax

    if not hasattr(jax.nn, "dot_product_attention"):
        raise NotApplicable("this release of JAX has no jax.nn.dot_product_attention")
    reading, refused = {}, {}
    for kind, (heads, options, given) in _kinds().items():
        arrays = [*_arrays(heads), *given.values()]
        written = _with_gradients(
            lambda *a, o=options, n=tuple(given): _written_out(*a[:3], **o, **dict(zip(n, a[3:])))
        )
        plain, exact = jax.jit(written)(*arrays), _layers.exact(written, *arrays)
        for implementation in IMPLEMENTATIONS:
            run = _with_gradients(_library(implementation, options, tuple(given)))
            try:
                results = jax.jit(run)(*arrays)
            except Exception as problem:  # an implementation that does not run here: recorded, not judged
                refused["%s, %s" % (implementation, kind)] = type(problem).__name__
                continue
            for part, result in results.items():
                name = "%s, %s: %s" % (implementation or "default", kind, part)
                reading[name] = agreement(plain[part], result, exact[part], LENGTH * DEPTH)
    return dict(reading, conditions={"refused": refused})


def _arrays(key_heads):
    """Queries, keys and values (float32), from a separate NumPy generator."""
    import numpy

    draws = numpy.random.RandomState(21)
    shapes = [(ROWS, LENGTH, heads, DEPTH) for heads in (HEADS, key_heads, key_heads)]
    return [draws.standard_normal(shape).astype("float32") for shape in shapes]


def _kinds():
    """Kind of attention to (number of key heads, options, arrays beyond queries, keys and values)."""
    import numpy

    draws = numpy.random.RandomState(22)
    mask = draws.random((ROWS, HEADS, LENGTH, LENGTH)) < 0.7
    mask[..., 0] = True  # a row without any key has no defined result
    bias = draws.standard_normal((ROWS, HEADS, LENGTH, LENGTH)).astype("float32")
    lengths = numpy.array([LENGTH, LENGTH - 7], "int32")
    return {
        "plain": (HEADS, {}, {}),
        "causal": (HEADS, {"is_causal": True}, {}),
        "mask": (HEADS, {}, {"mask": mask}),
        "bias": (HEADS, {}, {"bias": bias}),
        "window": (HEADS, {"local_window_size": (3, 2)}, {}),
        "fewer key heads": (HEADS // 2, {}, {}),
        "lengths of keys": (HEADS, {}, {"key_value_seq_lengths": lengths}),
    }


def _library(implementation, options, names):
    import jax

    def attend(query, keys, values, *given):
        return jax.nn.dot_product_attention(
            query, keys, values, implementation=implementation, **options, **dict(zip(names, given))
        )

    return attend


def _written_out(
    query, keys, values, *, mask=None, bias=None, is_causal=False, local_window_size=None, key_value_seq_lengths=None
):
    """Attention as products and a softmax: (rows, length, heads, depth)."""
    from jax import nn
    from jax import numpy as jnp

    keys, values = (jnp.repeat(array, HEADS // array.shape[2], axis=2) for array in (keys, values))
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, keys) / DEPTH**0.5
    scores = scores if bias is None else scores + bias
    row, column = jnp.arange(LENGTH)[:, None], jnp.arange(LENGTH)[None]
    allowed = jnp.ones((1, 1, LENGTH, LENGTH), bool) if mask is None else mask
    if is_causal:
        allowed = allowed & (column <= row)
    if local_window_size:
        allowed = allowed & (column >= row - local_window_size[0]) & (column <= row + local_window_size[1])
    if key_value_seq_lengths is not None:
        allowed = allowed & (column[None, None] < key_value_seq_lengths[:, None, None, None])
    return jnp.einsum("bhqk,bkhd->bqhd", nn.softmax(jnp.where(allowed, scores, -jnp.inf)), values)


def _with_gradients(attend):
    """The function of the same arrays that returns the output and the gradients of queries, keys and values."""
    import jax

    def both(query, keys, values, *given):
        output, backward = jax.vjp(lambda *three: attend(*three, *given), query, keys, values)
        gradients = backward(jax.numpy.cos(output))
        return dict(
            zip(("output", "gradient of queries", "gradient of keys", "gradient of values"), (output, *gradients))
        )

    return both
