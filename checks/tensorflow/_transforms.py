"""Pairs of one computation: in plain form, and by a transformation of TensorFlow."""

from __future__ import annotations

from .. import derivatives
from . import _blocks

ROWS = 4
STEP = 1e-5
"""Step of the finite differences; in float64 truncation and rounding both stay below 1e-9 of the value."""


def pairs():
    """Name to (plain, transformed), functions of the numbers of `_blocks.given` in any dtype."""
    import tensorflow as tf

    found = {}
    for family in (_derivatives, _maps, _mapped_axes, _loops):
        found.update(family(tf))
    return found


def known():
    """The readings of derivatives in closed form: two for each elementwise function, by nested tapes."""
    import numpy
    import tensorflow as tf

    functions = {
        "softplus": tf.nn.softplus,
        "logaddexp": lambda x: tf.reduce_logsumexp(tf.stack([x, tf.zeros_like(x)]), axis=0),
        "logaddexp, equal": lambda x: tf.reduce_logsumexp(tf.stack([x, tf.stop_gradient(x)]), axis=0),
        "sigmoid": tf.sigmoid,
        "tanh": tf.tanh,
        "exp": tf.exp,
        "expm1": tf.math.expm1,
        "square": tf.square,
        "cube": lambda x: x**3,
        "sin": tf.sin,
        "arctan": tf.atan,
        "silu": tf.nn.silu,
    }
    points = tf.constant(derivatives.POINTS, tf.float32)
    first = {name: _gradient(tf, run, points) for name, run in functions.items()}
    second = {
        name: _gradient(tf, lambda x, run=functions[name]: _gradient(tf, run, x), points)
        for name in derivatives.second(numpy)
    }
    second = {name: tf.zeros_like(points) if found is None else found for name, found in second.items()}
    return dict(
        derivatives.compared(first, derivatives.first, "first"),
        **derivatives.compared(second, derivatives.second, "second"),
    )


def _rows(given):
    return given["sequence"][:ROWS]


def _loss(tf, rows, weights):
    return tf.reduce_mean(tf.square(tf.tanh(tf.einsum("bti,ij->btj", rows, weights))))


def _gradient(tf, function, value):
    with tf.GradientTape() as tape:
        tape.watch(value)
        result = function(value)
    return tape.gradient(result, value)


def _derivatives(tf):
    def slope(given):
        weights, direction = given["heads"][0], given["heads"][1]
        return tf.reduce_sum(_gradient(tf, lambda w: _loss(tf, _rows(given), w), weights) * direction)

    def forward(given):
        weights = given["heads"][0]
        with tf.autodiff.ForwardAccumulator(weights, given["heads"][1]) as accumulator:
            loss = _loss(tf, _rows(given), weights)
        return accumulator.jvp(loss)

    def curvature(given):
        return _gradient(tf, lambda w: tf.reduce_sum(_first(given, w) * given["heads"][1]), given["heads"][0])

    def forward_over_backward(given):
        weights = given["heads"][0]
        with tf.autodiff.ForwardAccumulator(weights, given["heads"][1]) as accumulator:
            first = _first(given, weights)
        return accumulator.jvp(first)

    def _first(given, weights):
        return _gradient(tf, lambda w: _loss(tf, _rows(given), w), weights)

    def jacobian(given, with_pfor):
        row = _rows(given)[0]
        with tf.GradientTape(persistent=not with_pfor) as tape:
            tape.watch(row)
            result = tf.reduce_sum(tf.tanh(tf.matmul(row, given["heads"][0])), axis=0)
        return tape.jacobian(result, row, experimental_use_pfor=with_pfor)

    def recomputed(given):
        kept = tf.recompute_grad(lambda w: _loss(tf, _rows(given), w))
        return _gradient(tf, kept, given["heads"][0])

    return {
        "forward mode": (slope, forward),
        "second derivative, forward over backward": (curvature, forward_over_backward),
        "jacobian, vectorised": (lambda given: jacobian(given, False), lambda given: jacobian(given, True)),
        "recompute_grad": (lambda given: _first(given, given["heads"][0]), recomputed),
    }


def _maps(tf):
    attention = _blocks.layers()["attention"][1]

    def one(given):
        return lambda row: attention(row[None], given)[0]

    def loop(given):
        return tf.stack([one(given)(row) for row in tf.unstack(_rows(given))])

    def in_function(mapped):
        return lambda given: tf.function(lambda: mapped(one(given), _rows(given)))()

    def gradient_of(mapped):
        return lambda given: _gradient(
            tf, lambda rows: tf.reduce_mean(tf.square(mapped(one(given), rows))), _rows(given)
        )

    def looped(function, rows):
        return tf.stack([function(row) for row in tf.unstack(rows)])

    return {
        "vectorized_map": (loop, in_function(tf.vectorized_map)),
        "vectorized_map, gradient": (gradient_of(looped), gradient_of(tf.vectorized_map)),
        "vectorized_map, complex products": (
            lambda given: looped(_complex_products, _rows(given)),
            lambda given: tf.vectorized_map(_complex_products, _rows(given)),
        ),
        "map_fn": (loop, in_function(tf.map_fn)),
        "map_fn, one at a time": (loop, in_function(lambda f, rows: tf.map_fn(f, rows, parallel_iterations=1))),
        "map_fn, gradient": (gradient_of(looped), gradient_of(tf.map_fn)),
        "batch of all rows": (loop, lambda given: attention(_rows(given), given)),
    }


def _mapped_axes(tf):
    """Operators whose axis counts from the end: in a vectorised row it must not become the axis of the rows."""
    operators = {
        "roll": lambda row: tf.roll(row, 1, -1),
        "reverse": lambda row: tf.reverse(row, [-1]),
        "cumsum": lambda row: tf.math.cumsum(row, -2),
        "gather": lambda row: tf.gather(row, [2, 0, 1], axis=-2),
        "sort": lambda row: tf.sort(row, -1),
        "concat": lambda row: tf.concat([row, 2 * row], -1),
    }

    def pair(run):
        return (
            lambda given: tf.stack([run(row) for row in tf.unstack(_rows(given))]),
            lambda given: tf.vectorized_map(run, _rows(given)),
        )

    return {"vectorized_map, %s over an axis from the end" % name: pair(run) for name, run in operators.items()}


def _complex_products(row):
    """Products of a complex matrix, made of one real row, with itself transposed and adjoint: real and imaginary."""
    import tensorflow as tf

    matrix = tf.complex(row, tf.reverse(row, [1]))
    products = [
        tf.matmul(matrix, matrix, transpose_b=True),
        tf.matmul(matrix, matrix, adjoint_b=True),
        tf.linalg.matrix_transpose(matrix, conjugate=True) @ matrix,
        tf.matmul(matrix, matrix, transpose_a=True),
    ]
    flat = tf.concat([tf.reshape(product, [-1]) for product in products], 0)
    return tf.stack([tf.math.real(flat), tf.math.imag(flat)])


def _loops(tf):
    """A recurrence, unrolled and in each kind of loop; inside a function, because eager loops are Python's."""
    unrolled = _recurrence(tf, _unrolled)
    found = {"AutoGraph": (unrolled, _in_function(tf, _recurrence(tf, _written)))}
    for name, loop in (("while_loop", _while_loop), ("scan", _scan), ("foldl", _foldl)):
        other = _recurrence(tf, loop)
        found[name] = (unrolled, _in_function(tf, other))
        found["%s, gradient" % name] = (_slope(tf, unrolled), _in_function(tf, _slope(tf, other)))
    return found


def _recurrence(tf, loop):
    """The last state of a recurrence over the rows' time steps, with this kind of loop."""

    def compute(given):
        heads, rows = given["heads"], tf.transpose(_rows(given), [1, 0, 2])
        return loop(
            tf,
            lambda state, row: tf.tanh(tf.matmul(row, heads[0]) + tf.matmul(state, heads[1])),
            rows,
            tf.zeros_like(rows[0]),
        )

    return compute


def _slope(tf, compute):
    """The gradient of a recurrence with respect to its weights."""
    return lambda given: _gradient(
        tf, lambda heads: tf.reduce_mean(tf.square(compute(dict(given, heads=heads)))), given["heads"]
    )


def _unrolled(tf, step, rows, state):
    for row in tf.unstack(rows):
        state = step(state, row)
    return state


def _while_loop(tf, step, rows, state):
    count = rows.shape[0]
    return tf.while_loop(lambda at, _: at < count, lambda at, held: (at + 1, step(held, rows[at])), [0, state])[1]


def _scan(tf, step, rows, state):
    return tf.scan(step, rows, state)[-1]


def _foldl(tf, step, rows, state):
    return tf.foldl(step, rows, state)


def _written(tf, step, rows, state):
    """`for` over a tensor, which AutoGraph converts into a graph loop."""
    for row in rows:
        state = step(state, row)
    return state


def _in_function(tf, compute):
    return lambda given: tf.function(lambda: compute(given))()


def differences(given):
    """Backward mode and central differences of one loss, rounded to float32, and the former in float64."""
    import numpy
    import tensorflow as tf

    rows, weights = _rows(given), given["heads"][0]
    slope = _gradient(tf, lambda w: _loss(tf, rows, w), weights)
    found = numpy.zeros(weights.shape)
    for place in ((0, 0), (3, 7), (17, 30), (31, 31)):
        shift = numpy.zeros(weights.shape)
        shift[place] = STEP
        above, below = (_loss(tf, rows, weights + sign * shift) for sign in (1.0, -1.0))
        found[place] = (above - below) / (2 * STEP)
    chosen = tf.cast(found != 0, tf.float64) * slope
    return tf.cast(chosen, tf.float32), tf.constant(found, tf.float32), chosen
