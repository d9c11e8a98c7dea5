"""
Stress cases for races: compiled calls at sizes that XLA splits over its threads, or whose updates share a target.

Names begin with the primitive, as the documented lists do. 30 such cases gave one result each in 20 calls on 2 cores
(jaxlib 0.10.2, CPU); on a GPU the scatters and the backward forms of gathers race.
"""

from __future__ import annotations

import functools

VALUES, BINS, FEW_BINS = 1_000_000, 100_000, 1_000
ROWS, ROW_BINS, WIDTH = 60_000, 5_000, 32


@functools.lru_cache(maxsize=None)
def inputs():
    """The inputs of all cases on JAX's default device, from a separate NumPy generator."""
    import jax
    import numpy

    draws = numpy.random.RandomState(13)

    def normal(*shape):
        return draws.standard_normal(shape).astype("float32")

    def below(high, *shape):
        return draws.randint(0, high, shape).astype("int32")

    arrays = {
        "values": normal(VALUES),
        "places": below(BINS, VALUES),
        "few places": below(FEW_BINS, VALUES),
        "table": normal(BINS),
        "rows": below(ROW_BINS, ROWS),
        "row values": normal(ROWS, WIDTH),
        "row table": normal(ROW_BINS, WIDTH),
        "matrix": normal(768, 1024),
        "image": normal(8, 28, 28, 32),
        "filter": normal(3, 3, 32, 32),
        "heads": normal(2, 256, 4, 32),
        "small": (normal(64, 3, 3) + 1j * normal(64, 3, 3)).astype("complex64"),
    }
    return {name: jax.device_put(array) for name, array in arrays.items()}


@functools.lru_cache(maxsize=None)
def cases():
    """Name to (compiled function, inputs)."""
    import jax

    given = inputs()
    table = {**_accumulation(), **_backward(), **_reductions(), **_products()}
    return {name: (jax.jit(run), [given[one] for one in names]) for name, (names, run) in table.items()}


def _accumulation():
    import jax
    from jax import numpy as jnp

    def segments(values, places):
        return jax.ops.segment_sum(values, places, BINS)

    return {
        "scatter_add": (("places", "values"), lambda p, v: jnp.zeros(BINS).at[p].add(v)),
        "scatter_add few bins": (("few places", "values"), lambda p, v: jnp.zeros(FEW_BINS).at[p].add(v)),
        "scatter_add bfloat16": (
            ("places", "values"),
            lambda p, v: jnp.zeros(BINS, "bfloat16").at[p].add(v.astype("bfloat16")),
        ),
        "scatter_add rows": (("row table", "rows", "row values"), lambda t, p, v: t.at[p].add(v)),
        "scatter_mul": (("places", "values"), lambda p, v: jnp.ones(BINS).at[p].multiply(v)),
        "scatter": (("places", "values"), lambda p, v: jnp.zeros(BINS).at[p].set(v)),
        "scatter_add by segment_sum": (("values", "places"), segments),
        "scatter_add by bincount": (("places", "values"), lambda p, v: jnp.bincount(p, v, length=BINS)),
        "scatter_add by histogram": (("values",), lambda v: jnp.histogram(v[:100_000], 100)[0]),
    }


def _backward():
    import jax
    from jax import lax

    def convolve(image, kernel):
        return lax.conv_general_dilated(image, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def pooled(image):
        return lax.reduce_window(image, -float("inf"), lax.max, (1, 3, 3, 1), (1, 2, 2, 1), "SAME")

    def attended(query, keys, content):
        return (jax.nn.dot_product_attention(query, keys, content) ** 2).sum()

    return {
        "scatter_add by gather backward": (
            ("table", "places", "values"),
            jax.grad(lambda table, places, values: (table[places] * values).sum()),
        ),
        "scatter_add by embedding backward": (
            ("row table", "rows", "row values"),
            jax.grad(lambda table, rows, values: (table[rows] * values).sum()),
        ),
        "convolution backward": (("image", "filter"), jax.grad(lambda i, k: (convolve(i, k) ** 2).sum(), (0, 1))),
        "max pool backward": (("image",), jax.grad(lambda image: (pooled(image) ** 2).sum())),
        "attention backward": (("heads", "heads", "heads"), jax.grad(attended, (0, 1, 2))),
        "norm backward": (("matrix",), jax.grad(lambda m: (jax.nn.standardize(m) ** 3).sum())),
    }


def _reductions():
    import jax
    from jax import lax
    from jax import numpy as jnp

    return {
        "sum": (("values",), lambda v: (v.sum(), (v * v).mean(), v.var())),
        "matrix sums": (("matrix",), lambda m: (m.sum(0), m.sum(1), m.var())),
        "cumulative sum": (("values",), jnp.cumsum),
        "logsumexp": (("values",), jax.nn.logsumexp),
        "softmax": (("matrix",), lambda m: jax.nn.softmax(m, 0)),
        "sort": (("values",), lambda v: jnp.sort(v[:200_000])),
        "sort of ties, unstable": (("few places",), lambda p: jnp.argsort(p[:200_000], stable=False)),
        "top k of ties": (("few places",), lambda p: lax.top_k(p[:200_000], 1000)),
        "associative scan": (("values",), lambda v: lax.associative_scan(jnp.add, v[: 2**17])),
    }


def _products():
    import jax
    from jax import numpy as jnp

    def unrelated(matrix):
        """Independent branches: XLA's CPU runtime may run them at the same time."""
        return [(jnp.sin(matrix * (1 + number)) @ matrix[number]).sum() for number in range(6)]

    def chained(small):
        """A sequence of small complex products, as in xla#8471."""
        return jax.lax.scan(lambda carry, one: ((carry.conj() @ one) / 3, carry), small[0], small)

    return {
        "matmul": (("matrix",), lambda m: m @ m.T),
        "matrix vector": (("matrix",), lambda m: m @ m[0]),
        "batched matmul": (("heads",), lambda h: jnp.einsum("bqhd,bkhd->bhqk", h, h)),
        "unrelated branches": (("matrix",), unrelated),
        "small complex products": (("small",), chained),
        "fft": (("values",), lambda v: jnp.fft.rfft(v[: 2**18])),
        "convolution": (
            ("image", "filter"),
            lambda i, k: jax.lax.conv_general_dilated(i, k, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")),
        ),
    }


def usable_threads():
    """Threads that the CPU client may use (count): NPROC if it is set, else the processors of this process."""
    import os

    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = os.environ.get("NPROC", "")
    return int(told) if told.isdigit() else processors
