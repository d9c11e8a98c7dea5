"""The operators of `checks/matrix.py` in TensorFlow, in each mode."""

from __future__ import annotations

from .. import _matrix_numpy, matrix

MODES = ("forward", "gradient", "function", "xla", "vmapped", "switch")
COMPILED = {"function": None, "xla": True}
"""Mode to `jit_compile` of `tf.function`."""
AT_ONCE = 24
"""Cells that are compiled as one program: each program costs time whatever it holds."""


LONG = 1024
"""Columns beyond which a running total in half precision no longer grows."""


def cells():
    """
    The cells of the covering array without what TensorFlow does not promise.

    These are the order of NaN in a sort, and long running totals of half precision, which it adds in that dtype.
    """
    return [cell for cell in matrix.cells(MODES) if not _unpromised(cell)]


def _unpromised(cell):
    if cell["operator"] in matrix.ORDERED:
        return cell["values"] == "nan"
    return cell["operator"] == "cumsum" and cell["dtype"] in matrix.NARROW and cell["shape"][1] > LONG


def observe(chosen):
    """Name of each cell to its result as a NumPy array (float64 or int32); a text if this release refuses the call."""
    import tensorflow as tf

    found, before = {}, tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        for mode in ("forward", "gradient", "vmapped"):
            found.update((matrix.name(cell), _alone(tf, cell)) for cell in chosen if cell["mode"] == mode)
        for mode, just_in_time in COMPILED.items():
            part = [cell for cell in chosen if cell["mode"] == mode]
            for start in range(0, len(part), AT_ONCE):
                found.update(_together(tf, part[start : start + AT_ONCE], just_in_time))
        under = [cell for cell in chosen if cell["mode"] == "switch"]
        if under:  # last: nothing public turns it off again
            tf.config.experimental.enable_op_determinism()
        found.update((matrix.name(cell), _alone(tf, cell)) for cell in under)
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)
    return found


def _alone(tf, cell):
    try:
        return _plain(cell, _called(tf, cell))
    except (tf.errors.OpError, TypeError, ValueError) as refusal:  # a value like any other: the reading says why
        return _told(refusal)


def _called(tf, cell):
    run, given = _operator(tf, cell), _laid_out(tf, cell, _given(tf, cell))
    if cell["mode"] == "gradient":
        with tf.GradientTape() as tape:
            tape.watch(given)
            total = tf.reduce_sum(tf.cast(run(given), tf.float64))
        return tape.gradient(total, given)
    return tf.vectorized_map(run, given) if cell["mode"] == "vmapped" else run(given)


def _together(tf, part, just_in_time):
    """The results of cells compiled as one program; where it is refused, each by a program of its own."""

    def program(given):
        return [_operator(tf, cell)(_laid_out(tf, cell, one)) for cell, one in zip(part, given)]

    names = [matrix.name(cell) for cell in part]
    try:
        results = tf.function(program, jit_compile=just_in_time)([_given(tf, cell) for cell in part])
    except (tf.errors.OpError, TypeError, ValueError) as refusal:
        if len(part) == 1:
            return {names[0]: _told(refusal)}
        return {name: told for cell in part for name, told in _together(tf, [cell], just_in_time).items()}
    return {name: _plain(cell, one) for name, cell, one in zip(names, part, results)}


def _told(refusal):
    return "%s: %s" % (type(refusal).__name__, str(refusal).partition("\n")[0][:200])


def _given(tf, cell):
    return tf.cast(tf.constant(matrix.inputs(cell)), cell["dtype"])


def _laid_out(tf, cell, x):
    """The same values by way of another tensor: tensors of TensorFlow have no strides, its programs have."""
    layout = cell["layout"]
    if layout == "transposed":
        return tf.transpose(tf.transpose(x) + tf.zeros((), x.dtype))
    if layout == "strided":
        return tf.reshape(tf.stack([x, x], -1), (x.shape[0], 2 * x.shape[1]))[:, ::2]
    return tf.broadcast_to(x[:1], x.shape) if layout == "broadcast" else x


def _plain(cell, result):
    import numpy

    return numpy.asarray(result.numpy()).astype("int32" if cell["dtype"] == "int32" else "float64")


def _operator(tf, cell):
    named = {
        "add": lambda x: x + x,
        "multiply": lambda x: x * x,
        "negative": lambda x: -x,
        "absolute": tf.abs,
        "maximum": lambda x: tf.maximum(x, tf.zeros((), x.dtype)),
        "exp": tf.exp,
        "tanh": tf.tanh,
        "sqrt": lambda x: tf.sqrt(tf.abs(x)),
        "sigmoid": tf.sigmoid,
        "sum": lambda x: tf.reduce_sum(x, -1),
        "mean": lambda x: tf.reduce_mean(x, -1),
        "amax": lambda x: tf.reduce_max(x, -1),
        "amin": lambda x: tf.reduce_min(x, -1),
        "variance": lambda x: tf.nn.moments(x, [-1])[1],
        "logsumexp": lambda x: tf.reduce_logsumexp(x, -1),
        "softmax": lambda x: tf.nn.softmax(x, -1),
        "cumsum": lambda x: tf.cumsum(x, -1),
        "sort": lambda x: tf.sort(x, -1),
        "topk": lambda x: tf.math.top_k(x, min(3, x.shape[-1])).values,
        "gather": lambda x: tf.gather(x, range(x.shape[-1] - 1, -1, -1), axis=-1),
        "matmul": lambda x: _product(tf, x),
    }
    return named[cell["operator"]]


def _product(tf, x):
    right = tf.cast(tf.constant(_matrix_numpy.weights(x.shape[-1])), x.dtype)
    return tf.linalg.matvec(right, x, transpose_a=True) if len(x.shape) == 1 else tf.matmul(x, right)
