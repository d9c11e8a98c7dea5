"""Operations of every family that can leave memory unwritten: padding, windows, loops, scatters, factorisations."""

from __future__ import annotations

import functools


def _inputs():
    """Arrays of odd sizes (vector code fails at the edges) from a separate NumPy generator."""
    import numpy

    draws = numpy.random.RandomState(5)
    matrix = draws.standard_normal((37, 19)).astype("float32")
    image = draws.standard_normal((2, 13, 11, 3)).astype("float32")
    kernel = draws.standard_normal((3, 3, 3, 5)).astype("float32")
    index = draws.randint(0, 37, 23).astype("int32")
    symmetric = matrix.T @ matrix + 19 * numpy.eye(19, dtype="float32")
    return {"m": matrix, "i": image, "k": kernel, "n": index, "s": symmetric, "v": matrix[:, 0].copy()}


@functools.lru_cache(maxsize=None)
def compiled():
    """Name of operation to (compiled function, inputs); each is a separate program."""
    import jax

    arrays = _inputs()
    table = {**_shaping(), **_windows(), **_reductions(), **_indexing(), **_loops(), **_algebra()}
    return {name: (jax.jit(run), [arrays[letter] for letter in letters]) for name, (letters, run) in table.items()}


def _shaping():
    from jax import lax
    from jax import numpy as jnp

    return {
        "pad": ("m", lambda m: jnp.pad(m, ((1, 2), (0, 3)))),
        "pad interior": ("m", lambda m: lax.pad(m, jnp.float32(0), ((1, 2, 1), (-1, 2, 2)))),
        "pad reflect": ("v", lambda v: jnp.pad(v, 3, mode="reflect")),
        "concatenate": ("m", lambda m: jnp.concatenate([m, m[:5], m[::-1]])),
        "repeat": ("m", lambda m: jnp.repeat(m, 3, axis=1)),
        "transpose": ("i", lambda i: jnp.transpose(i, (3, 1, 0, 2)) + 1),
        "convert bfloat16": ("m", lambda m: m.astype("bfloat16")),
    }


def _windows():
    import jax
    from jax import lax
    from jax import numpy as jnp

    layout = ("NHWC", "HWIO", "NHWC")

    def convolve(i, k, stride=1, padding="SAME", **more):
        return lax.conv_general_dilated(i, k, (stride, stride), padding, dimension_numbers=layout, **more)

    return {
        "convolution": ("ik", convolve),
        "convolution strided": ("ik", lambda i, k: convolve(i, k, stride=2, padding=((2, 1), (0, 3)))),
        "convolution dilated": ("ik", lambda i, k: convolve(i, k, rhs_dilation=(2, 2))),
        "convolution transposed": (
            "ik",
            lambda i, k: lax.conv_transpose(i, k, (2, 2), "SAME", dimension_numbers=layout),
        ),
        "convolution depthwise": ("ik", lambda i, k: convolve(i, k[:, :, :1, :3], feature_group_count=3)),
        "convolution gradients": ("ik", jax.grad(lambda i, k: jnp.sin(convolve(i, k)).sum(), (0, 1))),
        "max pool": ("i", lambda i: lax.reduce_window(i, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), "SAME")),
        "max pool gradient": (
            "i",
            jax.grad(
                lambda i: (lax.reduce_window(i, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") ** 2).sum()
            ),
        ),
        "resize": ("i", lambda i: jax.image.resize(i, (2, 20, 7, 3), "bilinear")),
    }


def _reductions():
    import jax
    from jax import numpy as jnp

    return {
        "mean and variance": ("m", lambda m: (m.mean(), m.var(1))),
        "cumulative sum": ("m", lambda m: jnp.cumsum(m, axis=0)),
        "cumulative product": ("m", lambda m: jnp.cumprod(1 + m / 99, axis=1)),
        "softmax": ("m", jax.nn.softmax),
        "normalise": ("m", lambda m: jax.nn.standardize(m, axis=0)),
        "attention": (
            "m",
            lambda m: jax.nn.dot_product_attention(m[None, :, None], m[None, :, None], m[None, :, None]),
        ),
    }


def _indexing():
    import jax
    from jax import lax
    from jax import numpy as jnp

    return {
        "gather": ("mn", lambda m, n: m[n]),
        "gather out of bounds": ("mn", lambda m, n: m.at[n + 30].get(mode="fill", fill_value=7.0)),
        "scatter set": ("mn", lambda m, n: m.at[jnp.unique(n, size=23, fill_value=99)].set(2.0)),
        "scatter add": ("mn", lambda m, n: m.at[n].add(m[:23])),
        "embedding gradient": ("mn", lambda m, n: jax.grad(lambda table: (table[n] ** 2).sum())(m)),
        "segment sum": ("mn", lambda m, n: jax.ops.segment_sum(m[:23], n, 40)),
        "dynamic update": ("mn", lambda m, n: lax.dynamic_update_slice(m, m[:4] * 2, (n[0], 3))),
        "bincount": ("n", lambda n: jnp.bincount(n, length=41)),
        "sort": ("m", lambda m: jnp.sort(m, axis=0)),
        "argsort": ("v", jnp.argsort),
        "top k": ("m", lambda m: lax.top_k(m, 5)),
        "unique": ("n", lambda n: jnp.unique(n, size=30, fill_value=-1)),
        "nonzero": ("m", lambda m: jnp.nonzero(m > 1, size=50)),
    }


def _loops():
    from jax import lax
    from jax import numpy as jnp

    def blocks(m):
        """Overlapping blocks of padded rows in nested scans, as in jax#39120."""
        padded = jnp.pad(m, ((0, 2), (0, 1)))

        def outer(_, start):
            block = lax.dynamic_slice(padded, (start * 8, 0), (15, 20))
            cut = lax.scan(
                lambda _, part: (None, lax.dynamic_slice(block, (0, part * 4), (15, 4))), None, jnp.arange(5)
            )
            return None, cut[1]

        return lax.scan(outer, None, jnp.arange(4))[1]

    return {
        "padded blocks in nested scans": ("m", blocks),
        "scan": ("m", lambda m: lax.scan(lambda carry, row: (carry * 0.5 + row, carry.sum()), m[0], m)),
        "condition": ("v", lambda v: lax.cond(v[0] > 0, lambda x: x[:5] + 1, lambda x: x[5:10], v)),
        "associative scan": ("m", lambda m: lax.associative_scan(jnp.maximum, m)),
    }


def _algebra():
    from jax import numpy as jnp
    from jax.scipy import linalg

    return {
        "matmul": ("m", lambda m: m @ m.T),
        "einsum": ("mi", lambda m, i: jnp.einsum("bhwc,hd->bwdc", i, m[:13])),
        "cholesky": ("s", jnp.linalg.cholesky),
        "solve": ("s", lambda s: jnp.linalg.solve(s, s[:, :3])),
        "triangular solve": ("s", lambda s: linalg.solve_triangular(s, s[:, :2], lower=True)),
        "qr": ("m", jnp.linalg.qr),
        "svd": ("m", lambda m: jnp.linalg.svd(m, full_matrices=False)),
        "eigen": ("s", jnp.linalg.eigh),
        "lu": ("s", linalg.lu_factor),
        "fft": ("v", lambda v: jnp.fft.rfft(v, 41)),
        "inverse fft": ("v", lambda v: jnp.fft.irfft(jnp.fft.rfft(v))),
    }
