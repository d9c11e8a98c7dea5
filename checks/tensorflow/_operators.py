"""
Calls of TensorFlow's raw operators as data: shapes at which kernels split work, leave gaps or return early.

Small ones stay below 256 KiB, where TensorFlow 2.21 takes memory from the C library each time. Large ones need 1 MiB,
for which it recycles its own blocks.
"""

from __future__ import annotations


def F(*shape):  # noqa: N802 - a table reads better with one letter
    """Floats between -5 and 5 of a shape."""
    return ("float", shape, 10.0, -5.0)


def P(*shape):  # noqa: N802 - as F
    """Floats between 0 and 1 of a shape."""
    return ("float", shape, 1.0, 0.0)


def I(limit, *shape):  # noqa: E743, N802 - as F
    """int32 numbers below a limit, of a shape."""
    return ("int", shape, limit, 0)


SAME = {"strides": [1, 1, 1, 1], "padding": "SAME"}
SAME_3D = {"strides": [1, 1, 1, 1, 1], "padding": "SAME"}
POOL = {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
GAPS = {"ksize": [1, 1, 1, 1], "strides": [1, 3, 3, 1], "padding": "VALID"}
GAPS_3D = {"ksize": [1, 1, 1, 1, 1], "strides": [1, 3, 3, 3, 1], "padding": "VALID"}
LSTM = {"w": F(7, 16), "wci": F(4), "wcf": F(4), "wco": F(4), "b": F(16), "h_prev": F(2, 4), "cs_prev": F(2, 4)}
NO_IDS = {"indices": I(1, 0), "segment_ids": I(1, 0), "output_dim0": 5}

SMALL = {
    "conv 2d": ("Conv2D", dict(SAME, input=F(2, 9, 9, 3), filter=F(3, 3, 3, 5))),
    "conv 2d valid": ("Conv2D", dict(SAME, input=F(2, 9, 9, 3), filter=F(3, 3, 3, 5), padding="VALID")),
    "conv 2d input gradient": (
        "Conv2DBackpropInput",
        {"input_sizes": [2, 9, 9, 3], "filter": F(3, 3, 3, 5), "out_backprop": F(2, 9, 9, 5), **SAME},
    ),
    "conv 2d filter gradient": (
        "Conv2DBackpropFilter",
        {"input": F(2, 9, 9, 3), "filter_sizes": [3, 3, 3, 5], "out_backprop": F(2, 9, 9, 5), **SAME},
    ),
    "conv 2d filter gradient, empty batch": (
        "Conv2DBackpropFilter",
        {"input": F(0, 9, 9, 3), "filter_sizes": [3, 3, 3, 5], "out_backprop": F(0, 9, 9, 5), **SAME},
    ),
    "depthwise conv": (
        "DepthwiseConv2dNative",
        dict(SAME, input=F(2, 9, 9, 3), filter=F(3, 3, 3, 2)),
    ),
    "depthwise input gradient": (
        "DepthwiseConv2dNativeBackpropInput",
        {"input_sizes": [2, 9, 9, 3], "filter": F(3, 3, 3, 2), "out_backprop": F(2, 9, 9, 6), **SAME},
    ),
    "depthwise filter gradient": (
        "DepthwiseConv2dNativeBackpropFilter",
        {"input": F(2, 9, 9, 3), "filter_sizes": [3, 3, 3, 2], "out_backprop": F(2, 9, 9, 6), **SAME},
    ),
    "depthwise filter gradient, empty batch": (
        "DepthwiseConv2dNativeBackpropFilter",
        {"input": F(0, 9, 9, 3), "filter_sizes": [3, 3, 3, 2], "out_backprop": F(0, 9, 9, 6), **SAME},
    ),
    "conv 3d": ("Conv3D", dict(SAME_3D, input=F(1, 5, 5, 5, 2), filter=F(3, 3, 3, 2, 3))),
    "conv 3d filter gradient": (
        "Conv3DBackpropFilterV2",
        {"input": F(1, 5, 5, 5, 2), "filter_sizes": [3, 3, 3, 2, 3], "out_backprop": F(1, 5, 5, 5, 3), **SAME_3D},
    ),
    "dilation": ("Dilation2D", dict(SAME, input=F(1, 9, 9, 3), filter=F(3, 3, 3), rates=[1, 1, 1, 1])),
    "dilation input gradient": (
        "Dilation2DBackpropInput",
        dict(SAME, input=F(1, 4, 4, 1), filter=F(2, 2, 1), out_backprop=F(1, 4, 4, 1), rates=[1, 1, 1, 1]),
    ),
    "max pool": ("MaxPool", dict(POOL, input=F(2, 9, 9, 3))),
    "max pool gradient": (
        "MaxPoolGrad",
        dict(POOL, orig_input=F(2, 9, 9, 3), orig_output=F(2, 4, 4, 3), grad=F(2, 4, 4, 3)),
    ),
    "max pool with argmax": ("MaxPoolWithArgmax", dict(POOL, input=F(2, 9, 9, 3))),
    "average pool": ("AvgPool", dict(POOL, value=F(2, 9, 9, 3))),
    "average pool gradient with gaps": ("AvgPoolGrad", dict(GAPS, orig_input_shape=[1, 5, 5, 1], grad=F(1, 2, 2, 1))),
    "max pool 3d gradient with gaps": (
        "MaxPool3DGrad",
        dict(GAPS_3D, orig_input=F(1, 5, 5, 5, 1), orig_output=F(1, 2, 2, 2, 1), grad=F(1, 2, 2, 2, 1)),
    ),
    "average pool 3d gradient with gaps": (
        "AvgPool3DGrad",
        dict(GAPS_3D, orig_input_shape=[1, 5, 5, 5, 1], grad=F(1, 2, 2, 2, 1)),
    ),
    "fractional average pool gradient": (
        "FractionalAvgPoolGrad",
        {
            "orig_input_tensor_shape": [1, 6, 6, 1],
            "out_backprop": F(1, 2, 2, 1),
            "row_pooling_sequence": [0, 1, 2],
            "col_pooling_sequence": [0, 1, 2],
            "overlapping": False,
        },
    ),
    "batch norm": (
        "FusedBatchNormV3",
        {"x": F(2, 5, 5, 3), "scale": P(3), "offset": F(3), "mean": F(0), "variance": F(0), "is_training": True},
    ),
    "batch norm, empty batch": (
        "FusedBatchNormV3",
        {"x": F(0, 5, 5, 3), "scale": P(3), "offset": F(3), "mean": F(0), "variance": F(0), "is_training": True},
    ),
    "local response norm": ("LRN", {"input": F(1, 3, 3, 8), "depth_radius": 2}),
    "softmax": ("Softmax", {"logits": F(7, 33)}),
    "log softmax": ("LogSoftmax", {"logits": F(7, 33)}),
    "softmax cross entropy": ("SoftmaxCrossEntropyWithLogits", {"features": F(7, 33), "labels": P(7, 33)}),
    "sparse cross entropy": ("SparseSoftmaxCrossEntropyWithLogits", {"features": F(7, 33), "labels": I(33, 7)}),
    "bias gradient": ("BiasAddGrad", {"out_backprop": F(7, 33)}),
    "matrix product": ("MatMul", {"a": F(33, 65), "b": F(65, 17)}),
    "matrix product, transposed": (
        "MatMul",
        {"a": F(65, 33), "b": F(17, 65), "transpose_a": True, "transpose_b": True},
    ),
    "matrix product over nothing": ("MatMul", {"a": F(3, 0), "b": F(0, 4)}),
    "batched matrix product": ("BatchMatMulV2", {"x": F(3, 9, 17), "y": F(3, 17, 5)}),
    "batched matrix product over nothing": ("BatchMatMulV2", {"x": F(2, 3, 0), "y": F(2, 0, 4)}),
    "einsum": ("Einsum", {"inputs": [F(5, 7), F(7, 9)], "equation": "ij,jk->ki"}),
    "sparse times dense": (
        "SparseTensorDenseMatMul",
        {"a_indices": [[0, 1], [2, 3]], "a_values": F(2), "a_shape": [4, 5], "b": F(5, 7)},
    ),
    "sum": ("Sum", {"input": F(17, 65), "axis": [0]}),
    "mean of nothing": ("Mean", {"input": F(0, 3), "axis": [0]}),
    "product": ("Prod", {"input": P(17, 65), "axis": [1]}),
    "maximum": ("Max", {"input": F(17, 65), "axis": [1]}),
    "cumulative sum": ("Cumsum", {"x": F(17, 65), "axis": 1}),
    "segment sum": ("SegmentSum", {"data": F(5, 4), "segment_ids": [0, 0, 2, 2, 5]}),
    "segment mean": ("SegmentMean", {"data": F(5, 4), "segment_ids": [0, 0, 2, 2, 5]}),
    "unsorted segment sum": ("UnsortedSegmentSum", {"data": F(50, 4), "segment_ids": I(9, 50), "num_segments": 12}),
    "sparse segment sum with gaps": (
        "SparseSegmentSumWithNumSegments",
        {"data": F(5, 4), "indices": [0, 1], "segment_ids": [1, 3], "num_segments": 6},
    ),
    "sparse segment mean of nothing": (
        "SparseSegmentMeanWithNumSegments",
        {"data": F(5, 4), "indices": I(1, 0), "segment_ids": I(1, 0), "num_segments": 6},
    ),
    "sparse segment sum gradient": (
        "SparseSegmentSumGrad",
        {"grad": F(3, 4), "indices": [0, 3], "segment_ids": [0, 2], "output_dim0": 5},
    ),
    "sparse segment sum gradient of nothing": ("SparseSegmentSumGrad", dict(NO_IDS, grad=F(3, 4))),
    "sparse segment mean gradient of nothing": ("SparseSegmentMeanGrad", dict(NO_IDS, grad=F(3, 4))),
    "sparse segment sqrt gradient of nothing": ("SparseSegmentSqrtNGrad", dict(NO_IDS, grad=F(3, 4))),
    "gather": ("GatherV2", {"params": F(50, 4), "indices": I(50, 33), "axis": 0}),
    "scatter": ("ScatterNd", {"indices": [[1], [4]], "updates": F(2, 4), "shape": [7, 4]}),
    "scatter of nothing": ("ScatterNd", {"indices": I(1, 0, 1), "updates": F(0, 4), "shape": [7, 4]}),
    "dynamic stitch": ("DynamicStitch", {"indices": [[0, 1, 2]], "data": [F(3, 4)]}),
    "bincount": ("DenseBincount", {"input": I(9, 50), "size": 12, "weights": F(50)}),
    "bincount of nothing": ("DenseBincount", {"input": I(1, 0), "size": 12, "weights": F(0)}),
    "histogram of nothing": ("HistogramFixedWidth", {"values": F(0), "value_range": [0.0, 1.0], "nbins": 9}),
    "pad": ("PadV2", {"input": F(5, 7), "paddings": [[1, 2], [3, 0]], "constant_values": 1.5}),
    "mirror pad gradient": ("MirrorPadGrad", {"input": F(5, 5), "paddings": [[1, 1], [1, 1]], "mode": "REFLECT"}),
    "space to batch": ("SpaceToBatchND", {"input": F(1, 4, 4, 1), "block_shape": [2, 2], "paddings": [[0, 2], [2, 0]]}),
    "strided slice gradient": (
        "StridedSliceGrad",
        {"shape": [9, 9], "begin": [1, 2], "end": [8, 7], "strides": [2, 3], "dy": F(4, 2)},
    ),
    "reverse sequence": ("ReverseSequence", {"input": F(3, 4), "seq_lengths": [0, 2, 4], "seq_dim": 1, "batch_dim": 0}),
    "matrix diagonals": (
        "MatrixDiagV3",
        {"diagonal": F(3, 4), "k": [-1, 1], "num_rows": 4, "num_cols": 4, "padding_value": 0.5},
    ),
    "diagonals of a matrix": ("MatrixDiagPartV3", {"input": F(3, 4), "k": [-2, 2], "padding_value": 0.5}),
    "image patches": (
        "ExtractImagePatches",
        dict(SAME, images=F(1, 5, 5, 2), ksizes=[1, 2, 2, 1], rates=[1, 2, 2, 1]),
    ),
    "resize": ("ResizeBilinear", {"images": F(1, 5, 7, 3), "size": [9, 4]}),
    "resize gradient": ("ResizeBilinearGrad", {"grads": F(1, 2, 2, 1), "original_image": F(1, 7, 7, 1)}),
    "scale and translate out of sight": (
        "ScaleAndTranslate",
        {
            "images": F(1, 5, 5, 1),
            "size": [4, 4],
            "scale": [0.1, 0.1],
            "translation": [9.0, 9.0],
            "kernel_type": "triangle",
        },
    ),
    "crop and resize": (
        "CropAndResize",
        {"image": F(2, 9, 9, 3), "boxes": [[0.1, 0.2, 0.8, 1.3]], "box_ind": [1], "crop_size": [4, 4]},
    ),
    "crop gradient of nothing": (
        "CropAndResizeGradImage",
        {"grads": F(0, 4, 4, 1), "boxes": F(0, 4), "box_ind": I(1, 0), "image_size": [1, 5, 5, 1], "T": "float"},
    ),
    "contrast": ("AdjustContrastv2", {"images": P(1, 9, 9, 3), "contrast_factor": 1.5}),
    "suppression with padding": (
        "NonMaxSuppressionV4",
        {
            "boxes": P(3, 4),
            "scores": P(3),
            "max_output_size": 8,
            "iou_threshold": 0.5,
            "score_threshold": 0.1,
            "pad_to_max_output_size": True,
        },
    ),
    "LSTM cell": ("LSTMBlockCell", dict(LSTM, x=F(2, 3))),
    "LSTM that ends early": ("BlockLSTMV2", dict(LSTM, seq_len_max=("long", (), 2), x=F(5, 2, 3)), ("cs", "h")),
    "LSTM of no steps": ("BlockLSTMV2", dict(LSTM, seq_len_max=("long", (), 0), x=F(5, 2, 3)), ("cs", "h")),
    "QR": ("Qr", {"input": F(6, 4), "full_matrices": True}),
    "Cholesky": ("Cholesky", {"input": [[4.0, 2.0, 0.6], [2.0, 5.0, 1.5], [0.6, 1.5, 3.0]]}),
    "triangular solve": ("MatrixTriangularSolve", {"matrix": [[2.0, 0.0], [1.0, 3.0]], "rhs": F(2, 3)}),
    "least squares over no rows": (
        "MatrixSolveLs",
        {"matrix": F(0, 2), "rhs": F(0, 3), "l2_regularizer": ("double", (), 0.0), "fast": False},
    ),
    "FFT": ("RFFT", {"input": F(5, 30), "fft_length": [30]}),
    "top k": ("TopKV2", {"input": F(5, 30), "k": 7}),
    "fake quantisation gradient": (
        "FakeQuantWithMinMaxVarsPerChannelGradient",
        {"gradients": F(2, 3), "inputs": F(2, 3), "min": [-1.0, -1.0, -1.0], "max": [1.0, 1.0, 1.0]},
    ),
    "list of tensors never set": (
        "TensorListStack",
        {"input_handle": "reserved", "element_shape": [2], "element_dtype": "float"},
    ),
}
"""
Name to (raw operator, arguments), and the positions of the defined outputs where not all are.

BlockLSTMV2 never writes its gates after the last step, and its gradient never reads them there.
"""

LARGE = {
    "matrix product, 1 MiB": ("MatMul", {"a": F(512, 64), "b": F(64, 512)}),
    "softmax, 1 MiB": ("Softmax", {"logits": F(512, 512)}),
    "conv 2d, 1 MiB": ("Conv2D", dict(SAME, input=F(4, 64, 64, 3), filter=F(3, 3, 3, 16))),
    "average pool gradient with gaps, 1 MiB": (
        "AvgPoolGrad",
        dict(GAPS, orig_input_shape=[1, 512, 512, 1], grad=F(1, 171, 171, 1)),
    ),
    "scatter, 1 MiB": ("ScatterNd", {"indices": [[1], [4]], "updates": F(2, 512), "shape": [512, 512]}),
    "cumulative sum, 1 MiB": ("Cumsum", {"x": F(512, 512), "axis": 1}),
    "transpose, 1 MiB": ("Transpose", {"x": F(512, 512), "perm": [1, 0]}),
    "unsorted segment sum, 1 MiB": (
        "UnsortedSegmentSum",
        {"data": F(50, 512), "segment_ids": I(400, 50), "num_segments": 512},
    ),
    "sparse segment sum gradient of nothing, 1 MiB": (
        "SparseSegmentSumGrad",
        dict(NO_IDS, grad=F(3, 512), output_dim0=512),
    ),
}
"""The same, with outputs of exactly 1 MiB: the size class that TensorFlow recycles."""
