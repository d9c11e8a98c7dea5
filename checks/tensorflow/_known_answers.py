"""Small problems with integer answers that are exact in float32 in any order, and those answers from NumPy."""

from __future__ import annotations

VALUES, BINS = 6000, 50


def problems():
    """Name to (function, answer): under the switch each must be right, or be refused."""
    import numpy
    import tensorflow as tf

    draws = numpy.random.RandomState(27796)
    found = {}
    for family in (_sums, _writes, _gradients, _images):
        found.update(family(tf, numpy, draws))
    return found


def _integers(numpy, draws, *shape):
    return draws.randint(-9, 10, shape).astype("float32")


def _summed(numpy, shape, places, values):
    total = numpy.zeros(shape, "float32")
    numpy.add.at(total, places, values)
    return total


def _sums(tf, numpy, draws):
    values, places = _integers(numpy, draws, VALUES), draws.randint(0, BINS, VALUES).astype("int32")
    rows, total = _integers(numpy, draws, VALUES, 3), _summed(numpy, (BINS,), places, values)
    order = numpy.sort(places)
    largest = numpy.full(BINS, -numpy.inf, "float32")
    numpy.maximum.at(largest, places, values)
    dense = numpy.where(draws.random_sample((40, 60)) > 0.8, _integers(numpy, draws, 40, 60), 0)
    right = _integers(numpy, draws, 40, 8)
    return {
        "unsorted_segment_sum": (lambda: tf.math.unsorted_segment_sum(values, places, BINS), total),
        "unsorted_segment_sum of rows": (
            lambda: tf.math.unsorted_segment_sum(rows, places, BINS),
            _summed(numpy, (BINS, 3), places, rows),
        ),
        "unsorted_segment_max": (lambda: tf.math.unsorted_segment_max(values, places, BINS), largest),
        "segment_sum": (
            lambda: tf.math.segment_sum(values, order),
            _summed(numpy, (order[-1] + 1,), order, values),
        ),
        "weighted bincount": (lambda: tf.math.bincount(places, weights=values, minlength=BINS), total),
        "bincount": (lambda: tf.math.bincount(places, minlength=BINS), numpy.bincount(places, minlength=BINS)),
        "sparse times dense": (
            lambda: tf.sparse.sparse_dense_matmul(tf.sparse.from_dense(dense), right, adjoint_a=True),
            dense.T @ right,
        ),
        "sum": (lambda: tf.reduce_sum(rows, axis=0), rows.sum(axis=0)),
        "cumsum": (lambda: tf.cumsum(values), numpy.cumsum(values)),
        "product of matrices": (lambda: tf.matmul(rows, rows, transpose_a=True), rows.T @ rows),
    }


def _writes(tf, numpy, draws):
    table, values = _integers(numpy, draws, BINS), _integers(numpy, draws, VALUES)
    places, once = draws.randint(0, BINS, VALUES).astype("int32"), draws.permutation(BINS)[:20].astype("int32")
    added, written = table + _summed(numpy, (BINS,), places, values), table.copy()
    written[once] = values[:20]
    lowered = table.copy()
    numpy.minimum.at(lowered, places, values)

    def variable(method, where, what):
        total = tf.Variable(table)
        getattr(total, method)(tf.IndexedSlices(what, where))
        return total.read_value()

    return {
        "scatter_nd": (lambda: tf.scatter_nd(places[:, None], values, [BINS]), added - table),
        "tensor_scatter_nd_add": (lambda: tf.tensor_scatter_nd_add(table, places[:, None], values), added),
        "tensor_scatter_nd_update": (lambda: tf.tensor_scatter_nd_update(table, once[:, None], values[:20]), written),
        "tensor_scatter_nd_min": (lambda: tf.tensor_scatter_nd_min(table, places[:, None], values), lowered),
        "variable scatter_add": (lambda: variable("scatter_add", places, values), added),
        "variable scatter_sub": (lambda: variable("scatter_sub", places, values), table - (added - table)),
        "variable scatter_update": (lambda: variable("scatter_update", once, values[:20]), written),
        "variable scatter_min": (lambda: variable("scatter_min", places, values), lowered),
        "compiled tensor_scatter_nd_add": (
            lambda: tf.function(tf.tensor_scatter_nd_add, jit_compile=True)(table, places[:, None], values),
            added,
        ),
        "compiled tensor_scatter_nd_update": (
            lambda: tf.function(tf.tensor_scatter_nd_update, jit_compile=True)(table, once[:, None], values[:20]),
            written,
        ),
        "dynamic_stitch": (lambda: tf.dynamic_stitch([numpy.arange(BINS), once], [table, values[:20]]), written),
    }


def _gradients(tf, numpy, draws):
    """Gradients of sums weighted by integers."""
    table, places = _integers(numpy, draws, BINS), draws.randint(0, BINS, VALUES).astype("int32")
    weights = _integers(numpy, draws, VALUES)
    rows, labels = _integers(numpy, draws, 64, 5), _integers(numpy, draws, 64, 3)

    def gradient(function, value):
        with tf.GradientTape() as tape:
            value = tf.constant(value)
            tape.watch(value)
            loss = tf.reduce_sum(function(value))
        return tf.convert_to_tensor(tape.gradient(loss, value))

    return {
        "gradient of gather": (
            lambda: gradient(lambda x: tf.gather(x, places) * weights, table),
            _summed(numpy, (BINS,), places, weights),
        ),
        "gradient of gather_nd": (
            lambda: gradient(lambda x: tf.gather_nd(x, places[:, None]) * weights, table),
            _summed(numpy, (BINS,), places, weights),
        ),
        "gradient of a product": (
            lambda: gradient(lambda w: tf.matmul(rows, w) * labels, numpy.zeros((5, 3), "float32")),
            rows.T @ labels,
        ),
        "gradient of a bias": (
            lambda: gradient(lambda b: tf.nn.bias_add(tf.zeros([64, 3]), b) * labels, numpy.zeros(3, "float32")),
            labels.sum(axis=0),
        ),
    }


def _images(tf, numpy, draws):
    """Convolution and pooling of integers; the answers are sums over windows."""
    image, seen = _integers(numpy, draws, 2, 8, 8, 3), _integers(numpy, draws, 2, 6, 6, 4)
    windows = numpy.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(1, 2))
    parts = image.reshape(2, 4, 2, 4, 2, 3)
    return {
        "gradient of a convolution's filter": (
            lambda: tf.raw_ops.Conv2DBackpropFilter(
                input=image, filter_sizes=[3, 3, 3, 4], out_backprop=seen, strides=[1, 1, 1, 1], padding="VALID"
            ),
            numpy.einsum("bxycij,bxyo->ijco", windows, seen),
        ),
        "max pooling": (lambda: tf.nn.max_pool2d(image, 2, 2, "VALID"), parts.max(axis=(2, 4))),
        "average pooling": (lambda: tf.nn.avg_pool2d(image, 2, 2, "VALID"), parts.sum(axis=(2, 4)) / 4),
        "gradient of nearest resizing": (
            lambda: tf.raw_ops.ResizeNearestNeighborGrad(grads=image, size=[4, 4]),
            parts.sum(axis=(2, 4)),
        ),
    }
