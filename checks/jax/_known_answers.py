"""Small problems whose answers are exact in every dtype and in every order: {name: (expected, observed)}."""

from __future__ import annotations


def compiled():
    """The problems, each compiled."""
    import jax

    return {name: (expected, _whole(jax.jit(run)())) for name, (expected, run) in _problems().items()}


def op_by_op():
    """The problems, one operation at a time."""
    return {"%s, op by op" % name: (expected, _whole(run())) for name, (expected, run) in _problems().items()}


def in_child(_arguments):
    """For a fresh process: the compiled answers as JSON."""
    return compiled()


def _whole(result):
    """A result as nested lists with whole values as integers and others unchanged."""
    if isinstance(result, (list, tuple)):
        return [_whole(part) for part in result]
    if hasattr(result, "tolist"):
        return _whole(result.tolist())
    return int(result) if float(result).is_integer() else result


def _problems():
    """Names to (answer, function without arguments); the first is the one of jax#27796."""
    return {**_updates(), **_orders(), **_sums(), **_loops()}


def _updates():
    import jax
    from jax import numpy as jnp

    zeros, places = jnp.zeros(4), jnp.asarray([0, 2, 0, 3])
    return {
        ".at[].set": ([1, 2, 0, 0], lambda: zeros.at[jnp.arange(2)].set(jnp.asarray([1.0, 2.0]))),
        ".at[].set of a slice": ([0, 7, 8, 0], lambda: zeros.at[1:3].set(jnp.asarray([7.0, 8.0]))),
        ".at[].set of rows": (
            [[0, 0], [1, 1], [2, 2]],
            lambda: jnp.zeros((3, 2)).at[jnp.asarray([1, 2])].set(jnp.asarray([[1.0, 1], [2, 2]])),
        ),
        ".at[].add": ([4, 0, 2, 8], lambda: zeros.at[places].add(jnp.asarray([1.0, 2, 3, 8]))),
        ".at[].max": ([3, 0, 2, 8], lambda: zeros.at[places].max(jnp.asarray([1.0, 2, 3, 8]))),
        ".at[].set out of bounds": ([0, 0, 0, 5], lambda: zeros.at[jnp.asarray([3, 9])].set(5.0, mode="drop")),
        "segment_sum": ([4, 0, 6], lambda: jax.ops.segment_sum(jnp.asarray([1.0, 3, 6]), jnp.asarray([0, 0, 2]), 3)),
        "gather backward": (
            [2, 0, 1, 1],
            lambda: jax.grad(lambda table: table[places].sum())(zeros),
        ),
    }


def _orders():
    from jax import lax
    from jax import numpy as jnp

    ties = jnp.asarray([2, 1, 2, 1, 0])
    return {
        "sort": ([0, 1, 1, 2, 2], lambda: jnp.sort(ties)),
        "stable argsort": ([4, 1, 3, 0, 2], lambda: jnp.argsort(ties, stable=True)),
        "argmax of ties": (0, lambda: jnp.argmax(ties)),
        "top k of ties": ([[2, 2, 1], [0, 2, 1]], lambda: list(lax.top_k(ties, 3))),
        "unique": ([0, 1, 2, -1], lambda: jnp.unique(ties, size=4, fill_value=-1)),
        "searchsorted": ([0, 2, 3], lambda: jnp.searchsorted(jnp.asarray([1.0, 2, 3]), jnp.asarray([0.5, 2.5, 3.5]))),
        "bincount": ([1, 2, 2], lambda: jnp.bincount(ties, length=3)),
    }


def _sums():
    import jax
    from jax import numpy as jnp

    count = 4097
    ones = jnp.ones(count)
    image = jnp.arange(16.0).reshape(1, 4, 4, 1)

    def convolved():
        kernel = jnp.ones((2, 2, 1, 1))
        layout = ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(image, kernel, (2, 2), "VALID", dimension_numbers=layout)[0, :, :, 0]

    return {
        "sum of ones": (count, ones.sum),
        "cumulative sum": (count, lambda: jnp.cumsum(ones)[-1]),
        "mean": (1, ones.mean),
        "matrix product": ([[6, 6], [6, 6]], lambda: jnp.full((2, 3), 2.0) @ jnp.ones((3, 2))),
        "convolution": ([[10, 18], [42, 50]], convolved),
        "floor division": ([-2, 1, -2, 1], lambda: jnp.asarray([-3, 3, 3, -3]) // jnp.asarray([2, 2, -2, -2])),
        "remainder": ([1, 1, -1, -1], lambda: jnp.asarray([-3, 3, 3, -3]) % jnp.asarray([2, 2, -2, -2])),
    }


def _loops():
    from jax import lax
    from jax import numpy as jnp

    def sieve(step, found):
        return found.at[step].set(step * step)

    return {
        "updates in a loop": ([0, 1, 4, 9, 16], lambda: lax.fori_loop(0, 5, sieve, jnp.zeros(5))),
        "scan": ([0, 1, 3, 6], lambda: lax.scan(lambda total, value: (total + value,) * 2, 0.0, jnp.arange(4.0))[1]),
        "while": (64, lambda: lax.while_loop(lambda value: value < 50, lambda value: value * 2, jnp.asarray(1.0))),
        "condition": (3, lambda: lax.cond(jnp.asarray(True), lambda: 3.0, lambda: 4.0)),
    }
