"""
JAX's transformations compute what the plain program computes.

Why: for a derivative, a batched loop or a rematerialised block JAX writes another program, and some were wrong: a
gradient of 1 where 0 is right (jax#8022, jax#3827). The check compares derivatives of a small model in float64 by
`grad`, `jvp`, `vjp` and under `checkpoint` with complex steps in NumPy, which have no cancellation and do not use JAX's
compiler. It also compares vmap with a loop, scan with its unrolled steps, a while loop with Python's, and second
derivatives with each other.

Remedy: compute the part that the finding names plainly, or with another transformation (`jax.lax.map` for vmap,
`jax.jacfwd` for grad), and report it.
"""

from __future__ import annotations

from .. import derivatives
from ..agreement import agreement
from ..declare import Check
from . import _layers, _model, _reference, _state
from .compiled_eager import REDUCTION, _inputs

CHECK = Check(tier="full", rule="within", explains=("one-thread", "memory-fill"), compiles=True)
STEPS, SIZE = 6, 16


def measure(settings):
    """Agreement of each transformation with its plain form."""
    import jax

    values, words, classes = _inputs()
    wide = {layer: array.astype("float64") for layer, array in values.items()}
    exact, reading = _reference.gradients(values, words, classes), {}
    with _state.switched("jax_enable_x64", True):
        for name, gradients in _derivatives(wide, words, classes).items():
            for layer, result in gradients.items():
                truth = exact["gradient of %s" % layer]
                reading["%s: %s" % (name, layer)] = agreement(truth, result, truth, REDUCTION)
    matrix = values["dense"][0]
    for name, (plain, transformed) in _forms().items():
        reference = _layers.exact(plain, matrix)
        reading[name] = agreement(jax.jit(plain)(matrix), jax.jit(transformed)(matrix), reference, SIZE * STEPS)
    return dict(reading, **_known())


def _known():
    """Derivatives of elementwise functions against their closed forms."""
    import jax
    import numpy
    from jax import numpy as jnp

    functions = {
        "softplus": jax.nn.softplus,
        "logaddexp": lambda x: jnp.logaddexp(x, 0.0),
        "sigmoid": jax.nn.sigmoid,
        "tanh": jnp.tanh,
        "exp": jnp.exp,
        "expm1": jnp.expm1,
        "square": lambda x: x * x,
        "cube": lambda x: x**3,
        "sin": jnp.sin,
        "arctan": jnp.arctan,
        "silu": jax.nn.silu,
    }
    points = numpy.asarray(derivatives.POINTS, "float32")

    def differentiated(grad, names):
        each = {name: jax.vmap(grad(functions[name])) for name in names if name in functions}
        return jax.jit(lambda given: {name: run(given) for name, run in each.items()})(points)

    first = differentiated(jax.grad, functions)
    first["logaddexp, equal"] = jax.jit(jax.vmap(lambda x: jax.grad(jnp.logaddexp)(x, x)))(points)
    second = differentiated(lambda run: jax.grad(jax.grad(run)), derivatives.second(numpy))
    return dict(
        derivatives.compared(first, derivatives.first, "first"),
        **derivatives.compared(second, derivatives.second, "second"),
    )


def _derivatives(values, words, classes):
    """The gradient of each layer, computed in several ways."""
    import jax

    def lost(given):
        return _model.loss(given, words, classes)

    def forward(given):
        """Derivatives of one layer at a time in forward mode, for the dense layers, which have the fewest tangents."""
        dense = given["dense"]
        directions = jax.numpy.eye(dense.size).reshape((dense.size, *dense.shape))

        def along(direction):
            return jax.jvp(lambda layer: lost(dict(given, dense=layer)), (dense,), (direction,))[1]

        return {"dense": jax.vmap(along)(directions).reshape(dense.shape)}

    given = {layer: jax.numpy.asarray(array) for layer, array in values.items()}
    return {
        "grad": jax.jit(jax.grad(lost))(given),
        "grad under checkpoint": jax.jit(jax.grad(jax.checkpoint(lost)))(given),
        "vjp": jax.vjp(lost, given)[1](1.0)[0],
        "jvp": jax.jit(forward)(given),
        "linearize and transpose": jax.linear_transpose(jax.linearize(lost, given)[1], given)(1.0)[0],
    }


def _forms():
    """Name to (plain form, transformed form): each a function of one square matrix."""
    return dict(_mapped(), **_looped(), **_differentiated())


def _mapped():
    """Row by row compared with all rows at once."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    def row(vector, matrix):
        return jnp.tanh(matrix @ vector) * jax.nn.softmax(vector) + jnp.sort(vector)

    return {
        "vmap": (
            lambda m: jnp.stack([row(m[number], m) for number in range(SIZE)]),
            lambda m: jax.vmap(row, (0, None))(m, m),
        ),
        "vmap of a condition": (
            lambda m: jnp.stack([m[number] * (2.0 if number % 2 else 3.0) for number in range(SIZE)]),
            lambda m: jax.vmap(lambda odd, vector: lax.cond(odd, lambda v: v * 2, lambda v: v * 3, vector))(
                jnp.arange(SIZE) % 2 == 1, m
            ),
        ),
        "map": (
            lambda m: jnp.stack([row(m[number], m) for number in range(SIZE)]),
            lambda m: lax.map(lambda v: row(v, m), m),
        ),
    }


def _step(carry, vector):
    """One step of the loops."""
    from jax import numpy as jnp

    carry = 0.5 * carry + jnp.sin(vector)
    return carry, carry * vector


def _unrolled(matrix):
    """The loop as Python runs it."""
    from jax import numpy as jnp

    carry, results = matrix[0], []
    for number in range(STEPS):
        carry, result = _step(carry, matrix[number])
        results.append(result)
    return jnp.stack(results)


def _looped():
    """Unrolled loops compared with XLA's loops."""
    import jax
    from jax import lax

    def doubled(matrix):
        return matrix * 0.5 + matrix.T * 0.25

    def repeated(matrix):
        for _ in range(STEPS):
            matrix = doubled(matrix)
        return matrix

    scanned = lax.scan
    return {
        "scan": (_unrolled, lambda m: scanned(_step, m[0], m[:STEPS])[1]),
        "grad of scan": (
            jax.grad(lambda m: _unrolled(m).sum()),
            jax.grad(lambda m: scanned(_step, m[0], m[:STEPS])[1].sum()),
        ),
        "while": (
            repeated,
            lambda m: lax.while_loop(lambda state: state[0] < STEPS, lambda s: (s[0] + 1, doubled(s[1])), (0, m))[1],
        ),
    }


def _differentiated():
    """The same derivative computed in two ways."""
    import jax
    from jax import numpy as jnp

    def energy(vector):
        return (jnp.tanh(vector) ** 2 * jnp.cumsum(vector)).sum()

    return {
        "hessian": (
            lambda m: jax.jacfwd(jax.jacfwd(energy))(m[0]),
            lambda m: jax.jacfwd(jax.jacrev(energy))(m[0]),
        ),
        "checkpoint": (
            jax.grad(lambda m: _unrolled(m).sum()),
            jax.grad(lambda m: jax.checkpoint(_unrolled)(m).sum()),
        ),
    }
