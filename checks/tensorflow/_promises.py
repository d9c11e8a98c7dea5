"""The promises of `enable_op_determinism`, as small workloads that reveal a race or an unseeded draw."""

from __future__ import annotations

from ..fingerprint import digest

VALUES, BINS = 1_000_000, 100_000
"""Large enough that threads split the work and write to the same places."""
CALLS, MOST_CALLS, PASSES = 10, 20, 4
"""Calls of an operator: ten, then more while all agree (on a busy machine 10 calls missed a race of 1 in 4)."""
ROWS = 64


def unseeded(tf):
    """Ways to draw without a seed; under the switch each must be refused."""
    raw = tf.raw_ops
    return {
        "eager": lambda: tf.random.normal([4]),
        "function": tf.function(lambda: tf.random.normal([4])),
        "dropout": lambda: tf.nn.dropout(tf.ones([64]), 0.5),
        "dataset shuffle": lambda: list(tf.data.Dataset.range(64).shuffle(64).as_numpy_iterator()),
        "raw operator": lambda: raw.RandomStandardNormal(shape=[4], dtype=tf.float32),
        "raw non-deterministic integers": lambda: raw.NonDeterministicInts(shape=[4]),
        "generator": lambda: tf.random.Generator.from_non_deterministic_state().normal([4]),
    }


def refusal(tf, draw):
    """`refused`, or what the draws were: `different draws` or `the same draws`."""
    try:
        first, second = digest(draw()), digest(draw())
    except (RuntimeError, ValueError, tf.errors.OpError):
        return "refused"
    return "the same draws" if first == second else "different draws"


def operators(tf):
    """Operators whose threads write to one target at this size; under the switch each gives one result or refuses."""
    import numpy

    draws = numpy.random.RandomState(38197)
    values, targets = _floats(tf, draws, VALUES), tf.constant(draws.randint(0, BINS, VALUES), tf.int32)
    rows, places = _floats(tf, draws, 20000, 64), tf.constant(draws.randint(0, 1000, 20000), tf.int32)
    images, seen = _floats(tf, draws, 8, 64, 64, 16), _floats(tf, draws, 8, 64, 64, 32)
    boxes = tf.constant(draws.random_sample((300, 4)), tf.float32)
    crops, owners = _floats(tf, draws, 300, 14, 14, 16), tf.constant(draws.randint(0, 8, 300), tf.int32)
    sparse = tf.sparse.from_dense(tf.where(_floats(tf, draws, 600, 600) > 1.5, 1.1, 0.0))
    return {
        "bincount with weights": lambda: tf.math.bincount(targets, weights=values, minlength=BINS),
        "variable scatter_add": lambda: _scatter_add(tf, rows, places),
        "sparse optimizer update": lambda: _sparse_update(tf, rows, places),
        "crop_and_resize gradient": lambda: tf.raw_ops.CropAndResizeGradImage(
            grads=crops, boxes=boxes, box_ind=owners, image_size=[8, 64, 64, 16], T=tf.float32
        ),
        "unsorted_segment_sum": lambda: tf.math.unsorted_segment_sum(values, targets, BINS),
        "scatter_nd": lambda: tf.scatter_nd(targets[:, None], values, [BINS]),
        "sparse times dense": lambda: tf.sparse.sparse_dense_matmul(sparse, rows[:600], adjoint_a=True),
        "convolution gradient": lambda: tf.raw_ops.Conv2DBackpropFilter(
            input=images, filter_sizes=[3, 3, 16, 32], out_backprop=seen, strides=[1, 1, 1, 1], padding="SAME"
        ),
        "depthwise gradient": lambda: tf.raw_ops.DepthwiseConv2dNativeBackpropFilter(
            input=images, filter_sizes=[3, 3, 16, 2], out_backprop=seen, strides=[1, 1, 1, 1], padding="SAME"
        ),
        "adjust_contrast": lambda: tf.image.adjust_contrast(images, 1.3),
    }


def results(tf, compute):
    """How many different results the calls give (count), or None when TensorFlow refuses."""
    seen, made = set(), 0
    try:
        while made < CALLS or (len(seen) == 1 and made < MOST_CALLS):
            seen.add(digest(compute()))
            made += 1
    except tf.errors.UnimplementedError:
        return None
    return len(seen)


def scatter_function(tf):
    """A compiled function that adds rows to a variable, and a call of it."""
    import numpy

    draws = numpy.random.RandomState(38197)
    rows, places = _floats(tf, draws, 20000, 64), tf.constant(draws.randint(0, 1000, 20000), tf.int32)
    total = tf.Variable(tf.zeros([1000, 64]))

    @tf.function
    def add():
        total.assign(tf.zeros([1000, 64]))
        return total.scatter_add(tf.IndexedSlices(rows, places))

    return add


def pipelines(tf):
    """Input pipelines whose parallel parts draw or count; under the switch every pass gives the same rows."""
    numbers = tf.data.Dataset.range(ROWS)
    counter = tf.Variable(0, dtype=tf.int64)

    def drawn(row):
        return row, tf.random.uniform([], seed=7) + _uneven(tf, row)

    def counted(row):
        with tf.control_dependencies([_uneven(tf, row)]):
            return row, counter.assign_add(1)

    def restarted():
        counter.assign(0)
        return numbers.map(counted, num_parallel_calls=8)

    return {
        "parallel map that draws": lambda: numbers.map(drawn, num_parallel_calls=8),
        "parallel map in any order": lambda: numbers.map(drawn, num_parallel_calls=8, deterministic=False),
        "parallel map that counts": restarted,
        "parallel interleave": lambda: tf.data.Dataset.range(8).interleave(
            lambda part: numbers.skip(part * 8).take(8).map(drawn),
            cycle_length=4,
            num_parallel_calls=4,
            deterministic=False,
        ),
    }


def passes(build):
    """How many different sequences of rows PASSES passes over a pipeline give (count)."""
    return len(
        {digest([[int(row), float(value)] for row, value in build().as_numpy_iterator()]) for _ in range(PASSES)}
    )


def _uneven(tf, row):
    """Zero, after work that takes 30 times longer for every third row, so that later rows finish earlier."""
    work = tf.where(row % 3 == 0, 45000, 1500)
    return tf.reduce_sum(tf.cast(tf.range(work), tf.float32)) * 0.0


def _scatter_add(tf, rows, places):
    total = tf.Variable(tf.zeros([1000, 64]))
    total.scatter_add(tf.IndexedSlices(rows, places))
    return total


def _sparse_update(tf, rows, places):
    """One step of Adagrad on rows with many duplicates, as in an embedding's gradient."""
    total, squares = tf.Variable(tf.zeros([1000, 64])), tf.Variable(tf.ones([1000, 64]))
    tf.raw_ops.ResourceSparseApplyAdagradV2(
        var=total.handle, accum=squares.handle, lr=0.1, epsilon=1e-7, grad=rows, indices=places
    )
    return total


def _floats(tf, draws, *shape):
    return tf.constant(draws.standard_normal(shape), tf.float32)
