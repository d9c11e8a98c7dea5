"""Layers with independent rows, with their inputs and their results in float64."""

from __future__ import annotations

from . import _state

WIDTH, LENGTH = 96, 24
"""Width of a row, and tokens of an attention row: chosen so that kernels have remainders."""


def inputs(rows):
    """The first rows of fixed float32 inputs: flat (rows, WIDTH), and tokens (rows, LENGTH, 4, WIDTH / 4)."""
    import numpy

    flat = [numpy.random.RandomState(row).standard_normal(WIDTH) for row in range(rows)]
    tokens = [numpy.random.RandomState(row).standard_normal((LENGTH, 4, WIDTH // 4)) for row in range(rows)]
    return {"flat": numpy.stack(flat).astype("float32"), "tokens": numpy.stack(tokens).astype("float32")}


def weights():
    """Parameters of the layers (float32), from a separate NumPy generator."""
    import numpy

    draws = numpy.random.RandomState(91)
    square, filters = draws.standard_normal((WIDTH, WIDTH)), draws.standard_normal((3, WIDTH // 4, WIDTH // 4))
    return {"square": (square / WIDTH**0.5).astype("float32"), "filters": (filters / 8).astype("float32")}


def layers():
    """Name to (kind of input, function of input and weights); none mixes rows."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    def attention(x, _given):
        return jax.nn.dot_product_attention(x, x, x, is_causal=True)

    def convolution(x, given):
        image = x.reshape(x.shape[0], LENGTH * 4, WIDTH // 4)
        layout = ("NWC", "WIO", "NWC")
        return lax.conv_general_dilated(image, given["filters"], (1,), "SAME", dimension_numbers=layout)

    def scale(x, given):
        return jax.nn.standardize(x) * given["square"][0] + given["square"][1]

    return {
        "matmul": ("flat", lambda x, given: x @ given["square"]),
        "linear": ("flat", lambda x, given: jax.nn.gelu(x @ given["square"] + given["square"][0])),
        "layer norm": ("flat", scale),
        "softmax": ("flat", lambda x, _given: jax.nn.softmax(x)),
        "attention": ("tokens", attention),
        "convolution": ("tokens", convolution),
        "row sums": ("flat", lambda x, _given: jnp.sum(x * x, axis=1)),
    }


def exact(run, *arguments):
    """The result of `run` on the same values in float64, op by op."""
    import jax
    import numpy

    with _state.switched("jax_enable_x64", True), _state.switched("jax_default_matmul_precision", "highest"):
        wide = jax.tree.map(lambda value: value.astype("float64") if value.dtype.kind == "f" else value, arguments)
        return jax.tree.map(numpy.asarray, run(*wide))
