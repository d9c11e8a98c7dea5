"""The operators of `checks/matrix.py` in JAX, in each mode."""

from __future__ import annotations

from .. import _matrix_numpy, matrix
from . import _state

MODES = ("forward", "gradient", "compiled", "vmapped")
KNOWN = ("amax 2048x7 float32 transposed nan vmapped",)
"""Cells of the quick tier in which a release is known to be wrong: jaxlib 0.10.2 loses the NaN."""
AT_ONCE = 24
"""Cells that are compiled as one program: each program costs time whatever it holds, and long ones more."""


def observe(chosen):
    """Name of each cell to its result as a NumPy array (float64 or int32)."""
    import jax

    found = {}
    with _state.switched("jax_enable_x64", True), _state.switched("jax_default_matmul_precision", "highest"):
        compiled = [cell for cell in chosen if cell["mode"] == "compiled"]
        for start in range(0, len(compiled), AT_ONCE):
            part = compiled[start : start + AT_ONCE]
            run = jax.jit(lambda given, part=part: [_program(cell)(one) for cell, one in zip(part, given)])
            results = run([_given(cell) for cell in part])
            found.update((matrix.name(cell), _plain(cell, one)) for cell, one in zip(part, results))
        with jax.disable_jit():
            for cell in chosen:
                if cell["mode"] != "compiled":
                    found[matrix.name(cell)] = _plain(cell, _called(cell))
    return found


def _called(cell):
    import jax

    run, given = _operator(cell), _laid_out(cell, _given(cell))
    if cell["mode"] == "gradient":
        return jax.grad(lambda x: run(x).sum(dtype="float64"))(given)
    return jax.vmap(run)(given) if cell["mode"] == "vmapped" else run(given)


def _program(cell):
    """The operator on its input in the cell's layout; compiled, both are one program."""
    return lambda given: _operator(cell)(_laid_out(cell, given))


def _given(cell):
    import jax

    logical = matrix.inputs(cell)
    return jax.numpy.asarray(logical).astype(cell["dtype"])


def _laid_out(cell, x):
    """The same values by way of another array: arrays of JAX have no strides, its programs have."""
    from jax import numpy as jnp

    layout = cell["layout"]
    if layout == "transposed":
        return (x.T + jnp.zeros((), x.dtype)).T
    if layout == "strided":
        return jnp.stack([x, x], -1).reshape(*x.shape[:-1], -1)[..., ::2]
    if layout == "broadcast":
        return jnp.broadcast_to(x[:1], x.shape)
    return x


def _plain(cell, result):
    import numpy

    return numpy.asarray(result.astype("int32" if cell["dtype"] == "int32" else "float64"))


def _operator(cell):
    import jax
    from jax import numpy as jnp

    named = {
        "add": lambda x: x + x,
        "multiply": lambda x: x * x,
        "negative": lambda x: -x,
        "absolute": abs,
        "maximum": lambda x: jnp.maximum(x, 0),
        "exp": jnp.exp,
        "tanh": jnp.tanh,
        "sqrt": lambda x: jnp.sqrt(abs(x)),
        "sigmoid": jax.nn.sigmoid,
        "sum": lambda x: x.sum(-1),
        "mean": lambda x: x.mean(-1),
        "amax": lambda x: x.max(-1),
        "amin": lambda x: x.min(-1),
        "variance": lambda x: x.var(-1),
        "logsumexp": lambda x: jax.nn.logsumexp(x, -1),
        "softmax": lambda x: jax.nn.softmax(x, -1),
        "cumsum": lambda x: x.cumsum(-1),
        "sort": lambda x: jnp.sort(x, -1),
        "topk": lambda x: jax.lax.top_k(x, min(3, x.shape[-1]))[0],
        "gather": lambda x: jnp.take(x, jnp.arange(x.shape[-1] - 1, -1, -1), -1),
        "matmul": lambda x: x @ jnp.asarray(_matrix_numpy.weights(x.shape[-1])).astype(x.dtype),
    }
    return named[cell["operator"]]
