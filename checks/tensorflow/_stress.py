"""
Stress cases for races: calls whose threads may write to one place, at sizes that TensorFlow splits over its threads.

Sizes are chosen by trial on 2 cores (TensorFlow 2.21): racing cases differed in 2 to 20 of 20 calls. Names begin with
the operator, which links them to its documentation.
"""

from __future__ import annotations

import functools

COUNTED, VALUES, BINS = 1_000_000, 300_000, 100_000
"""Number of values counted, number of values scattered or gathered, and number of bins."""
ROWS, ROW_BINS, WIDTH = 40_000, 2_000, 32
CROPS = 3_000
"""Boxes cropped from 8 images; with 300 the gradient raced in 9 of 40 calls, with this number in 39."""


@functools.lru_cache(maxsize=None)
def inputs():
    """The inputs, made once for all calls of a process; the cases never change them."""
    import numpy
    import tensorflow as tf

    draws = numpy.random.RandomState(126812)

    def normal(*shape):
        return tf.constant(draws.standard_normal(shape), tf.float32)

    def below(high, *shape):
        return tf.constant(draws.randint(0, high, shape), tf.int32)

    given = {
        "counted": below(BINS, COUNTED),
        "weights": normal(COUNTED),
        "places": below(BINS, VALUES),
        "values": normal(VALUES),
        "table": normal(BINS),
        "rows": below(ROW_BINS, ROWS),
        "row values": normal(ROWS, WIDTH),
        "row table": normal(ROW_BINS, WIDTH),
        "image": normal(8, 32, 32, 16),
        "filter": normal(3, 3, 16, 32),
        "volume": normal(2, 10, 10, 10, 8),
        "cube": normal(3, 3, 3, 8, 8),
        "features": normal(2048, 128),
        "weight": normal(128, 128),
        "targets": below(128, 2048),
        "crops": normal(CROPS, 14, 14, 4),
        "boxes": tf.constant(draws.random_sample((CROPS, 4)), tf.float32),
        "owners": below(8, CROPS),
    }
    given["sorted"] = tf.sort(given["places"])
    given["where"] = tf.cast(tf.range(COUNTED)[:, None], tf.int64)
    given["sparse"] = tf.sparse.from_dense(tf.where(given["features"][:512] > 1.5, given["features"][:512], 0.0))
    return given


def cases():
    """All cases: name to a function without arguments that returns tensors."""
    import tensorflow as tf

    given, found = inputs(), {}
    for family in (_segments, _counts, _scatters, _variables, _gathers, _layers, _reductions):
        found.update(family(tf, given))
    return found


def gradients(tf, function, *inputs):
    """Dense gradients of the sum of squares of a function's result."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(tf.square(function(*inputs)))
    return [tf.convert_to_tensor(each) for each in tape.gradient(loss, inputs)]


def _segments(tf, given):
    places, values, rows, more = given["places"], given["values"], given["rows"], given["row values"]
    owners = tf.range(ROWS) // 30
    return {
        "UnsortedSegmentSum": lambda: tf.math.unsorted_segment_sum(values, places, BINS),
        "UnsortedSegmentSum rows": lambda: tf.math.unsorted_segment_sum(more, rows, ROW_BINS),
        "UnsortedSegmentProd": lambda: tf.math.unsorted_segment_prod(values, places, BINS),
        "SegmentSumV2": lambda: tf.math.segment_sum(values, given["sorted"]),
        "SegmentMean": lambda: tf.math.segment_mean(values, given["sorted"]),
        "SparseSegmentSum": lambda: tf.sparse.segment_sum(given["row table"], rows, owners),
        "SparseSegmentSum backward": lambda: gradients(
            tf, lambda x: tf.sparse.segment_sum(x, rows, owners), given["row table"]
        ),
    }


def _counts(tf, given):
    counted, weights = given["counted"], given["weights"]
    return {
        "DenseBincount weighted": lambda: tf.math.bincount(counted, weights=weights, minlength=BINS),
        "DenseBincount weighted rows": lambda: tf.math.bincount(
            tf.reshape(counted, [1000, -1]) % 500, weights=tf.reshape(weights, [1000, -1]), minlength=500, axis=-1
        ),
        "SparseBincount weighted": lambda: tf.raw_ops.SparseBincount(
            indices=given["where"], values=counted, dense_shape=[COUNTED], size=BINS, weights=weights
        ),
        "HistogramFixedWidth": lambda: tf.histogram_fixed_width(weights, [-3.0, 3.0], 100),
    }


def _scatters(tf, given):
    places, values, table = given["places"][:, None], given["values"], given["table"]
    return {
        "ScatterNd": lambda: tf.scatter_nd(places, values, [BINS]),
        "ScatterNd rows": lambda: tf.scatter_nd(given["rows"][:, None], given["row values"], [ROW_BINS, WIDTH]),
        "TensorScatterAdd": lambda: tf.tensor_scatter_nd_add(table, places, values),
        "TensorScatterUpdate": lambda: tf.tensor_scatter_nd_update(table, places, values),
        "InplaceAdd": lambda: tf.raw_ops.InplaceAdd(x=tf.zeros_like(table), i=given["places"], v=values),
        "ParallelDynamicStitch": lambda: tf.raw_ops.ParallelDynamicStitch(indices=[given["places"]], data=[values]),
    }


def _variables(tf, given):
    """Updates of variables, and optimizers whose gradient names one row many times, as an embedding's does."""
    rows, more = given["rows"], given["row values"]
    slices, raw = tf.IndexedSlices(more, rows), tf.raw_ops
    many = tf.IndexedSlices(given["values"], given["places"])

    def fresh(value, shape=(ROW_BINS, WIDTH)):
        return tf.Variable(tf.fill(shape, value))

    def scattered(method, updates, shape=(ROW_BINS, WIDTH)):
        total = fresh(1.0, shape)
        getattr(total, method)(updates)
        return total.read_value()

    def optimized(apply, slots, **given):
        variables = {name: fresh(value) for name, value in {"var": 0.0, **slots}.items()}
        apply(grad=more, indices=rows, **{name: each.handle for name, each in variables.items()}, **given)
        return variables["var"].read_value()

    return {
        "ResourceScatterAdd": lambda: scattered("scatter_add", many, (BINS,)),
        "ResourceScatterAdd rows": lambda: scattered("scatter_add", slices),
        "ResourceScatterSub rows": lambda: scattered("scatter_sub", slices),
        "ResourceScatterUpdate rows": lambda: scattered("scatter_update", slices),
        "ResourceScatterMax rows": lambda: scattered("scatter_max", slices),
        "ResourceSparseApplyAdagradV2": lambda: optimized(
            raw.ResourceSparseApplyAdagradV2, {"accum": 1.0}, lr=0.1, epsilon=1e-7
        ),
        "ResourceSparseApplyMomentum": lambda: optimized(
            raw.ResourceSparseApplyMomentum, {"accum": 1.0}, lr=0.1, momentum=0.9
        ),
        "ResourceSparseApplyRMSProp": lambda: optimized(
            raw.ResourceSparseApplyRMSProp, {"ms": 1.0, "mom": 0.0}, lr=0.1, rho=0.9, momentum=0.9, epsilon=1e-7
        ),
        "ResourceSparseApplyFtrl": lambda: optimized(
            raw.ResourceSparseApplyFtrl, {"accum": 1.0, "linear": 1.0}, lr=0.1, l1=0.0, l2=0.0, lr_power=-0.5
        ),
    }


def _gathers(tf, given):
    places, rows = given["places"], given["rows"]
    bags = tf.sparse.from_dense(tf.reshape(rows, [-1, 5]))
    return {
        "GatherV2 backward": lambda: gradients(tf, lambda x: tf.gather(x, places), given["table"]),
        "GatherV2 backward rows": lambda: gradients(tf, lambda x: tf.gather(x, rows), given["row table"]),
        "GatherNd backward": lambda: gradients(tf, lambda x: tf.gather_nd(x, places[:, None]), given["table"]),
        "embedding_lookup_sparse backward": lambda: gradients(
            tf, lambda x: tf.nn.embedding_lookup_sparse(x, bags, None, combiner="sum"), given["row table"]
        ),
    }


def _layers(tf, given):
    image, weights, crops, boxes = given["image"], given["filter"], given["crops"], given["boxes"]
    same, ones, nn, v1 = [1, 1, 1, 1], tf.ones([16]), tf.nn, tf.compat.v1.image
    return {
        "Conv2D backward": lambda: gradients(tf, lambda x, f: nn.conv2d(x, f, 1, "SAME"), image, weights),
        "Conv3D backward": lambda: gradients(
            tf, lambda x, f: nn.conv3d(x, f, [1] * 5, "SAME"), given["volume"], given["cube"]
        ),
        "DepthwiseConv2dNative backward": lambda: gradients(
            tf, lambda x, f: nn.depthwise_conv2d(x, f, same, "SAME"), image, weights[..., :2]
        ),
        "Dilation2D backward": lambda: gradients(
            tf, lambda x, f: nn.dilation2d(x, f, same, "SAME", "NHWC", same), image, weights[..., 0]
        ),
        "MaxPool backward": lambda: gradients(tf, lambda x: nn.max_pool2d(x, 3, 1, "SAME"), image),
        "MaxPoolWithArgmax backward": lambda: gradients(
            tf, lambda x: nn.max_pool_with_argmax(x, 3, 1, "SAME")[0], image
        ),
        "AvgPool backward": lambda: gradients(tf, lambda x: nn.avg_pool2d(x, 3, 1, "SAME"), image),
        "ResizeBilinear backward": lambda: gradients(tf, lambda x: v1.resize_bilinear(x, (51, 47)), image),
        "ResizeNearestNeighbor backward": lambda: gradients(
            tf, lambda x: v1.resize_nearest_neighbor(x, (51, 47)), image
        ),
        "MirrorPad backward": lambda: gradients(
            tf, lambda x: tf.pad(x, [[0, 0], [3, 3], [3, 3], [0, 0]], "REFLECT"), image
        ),
        "CropAndResizeGradImage": lambda: tf.raw_ops.CropAndResizeGradImage(
            grads=crops, boxes=boxes, box_ind=given["owners"], image_size=[8, 64, 64, 4], T=tf.float32
        ),
        "CropAndResizeGradBoxes": lambda: tf.raw_ops.CropAndResizeGradBoxes(
            grads=crops, image=image[..., :4], boxes=boxes, box_ind=given["owners"]
        ),
        "FusedBatchNormV3 backward": lambda: gradients(
            tf, lambda x, s: tf.compat.v1.nn.fused_batch_norm(x, s, s)[0], image, ones
        ),
        "MatMul backward": lambda: gradients(tf, tf.matmul, given["features"], given["weight"]),
        "SparseSoftmaxCrossEntropyWithLogits backward": lambda: gradients(
            tf, lambda x: nn.sparse_softmax_cross_entropy_with_logits(given["targets"], x), given["features"]
        ),
        "SparseTensorDenseMatMul": lambda: tf.sparse.sparse_dense_matmul(
            given["sparse"], given["features"][:512], adjoint_a=True
        ),
        "AdjustContrastv2": lambda: tf.image.adjust_contrast(image, 1.3),
    }


def _reductions(tf, given):
    values, image = given["values"], given["image"]
    return {
        "Sum": lambda: [tf.reduce_sum(values), tf.reduce_sum(image, (0, 1, 2)), tf.norm(values)],
        "Mean": lambda: [tf.reduce_mean(values), tf.math.reduce_variance(image, (0, 1, 2))],
        "BiasAddGrad": lambda: tf.raw_ops.BiasAddGrad(out_backprop=image),
        "Cumsum": lambda: tf.cumsum(values),
        "TopKV2 of ties": lambda: list(tf.math.top_k(given["places"] % 1000, 5000)),
        "AddN": lambda: tf.add_n([image] * 5),
    }
