"""Hints for the search for raw operators' inputs: operators to leave out and why, and inputs that guesses miss."""
# Long rows of a table; helpers with names of one letter, without types, as in the payload:
# ruff: noqa: E501, ANN001, ANN002, ANN201, UP031

from __future__ import annotations

STRANGE = ("string", "resource", "variant")
DTYPES = ("float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8", "bool", "complex64")
"""The dtypes that users compute with, most common first: an operator's samples use the first one that it accepts."""
QUANTISED = ("quint8", "qint8", "qint32", "int8", "uint32", "uint64")
"""Dtypes for operators that accept none of those."""
GIVEN_ONLY = ("ClipByValue", "BlockLSTMGrad", "BlockLSTMGradV2", "RaggedFillEmptyRowsGrad", "FractionalMaxPoolGrad")
"""Operators that do not check whether sizes fit together: no guesses, and all sizes change together."""
EXACT = ("Cholesky", "ParallelDynamicStitch", "RaggedTensorToTensor")
"""
Operators whose documentation allows any result for inputs that guessing or resizing would produce: matrices that are
not positive definite, repeated indices, splits that do not fit the values.
"""
DTYPES_OF = {"SparseAdd": ("float32", "complex64")}
"""Operators that read a second argument with the first one's dtype and do not check it."""
REASONS = {
    "it ends the process, by contract": "Abort",
    "it gives the time, or numbers without a seed, by contract": "Timestamp NonDeterministicInts",
    "it gives memory as it is, by contract": "Empty",
    "it only prints or debugs": "Print DebugIdentity DebugIdentityV2 DebugNanCount DebugNumericSummary DebugNumericSummaryV2",
    "it calls Python, or waits for another process, a queue or a batch": "EagerPyFunc PyFunc PyFuncStateless Recv Send "
    "Batch Unbatch UnbatchGrad Stage StageClear StagePeek StageSize Unstage MapClear MapIncompleteSize MapPeek MapSize "
    "MapStage MapUnstage MapUnstageNoKey OrderedMapClear OrderedMapIncompleteSize OrderedMapPeek OrderedMapSize "
    "OrderedMapStage OrderedMapUnstage OrderedMapUnstageNoKey AddManySparseToTensorsMap AddSparseToTensorsMap "
    "TakeManySparseFromTensorsMap CollectiveAssignGroupV2 CollectiveBcastRecv CollectiveBcastRecvV2 CollectiveBcastSend "
    "CollectiveBcastSendV2 CollectiveGather CollectiveReduce",
    "it is a node of a graph, without a kernel of its own": "Placeholder PlaceholderV2 PlaceholderWithDefault Enter Exit "
    "LoopCond Merge Switch FakeParam ParallelConcat CheckPinned",
    "it reads a file": "ImmutableConst",
}
LEFT_OUT = {name: reason for reason, names in REASONS.items() for name in names.split()}


def F(*shape):  # noqa: N802 - a table reads better with one letter
    """Floats between -5 and 5 of a shape."""
    return "@float32[%s]" % ",".join(map(str, shape))


def P(*shape):  # noqa: N802 - as F
    """Floats between 0 and 1."""
    return F(*shape) + "+"


def I(*numbers, dtype="int32"):  # noqa: E743, N802 - as F
    """A vector of just these whole numbers."""
    return "@%s[%d]=%s" % (dtype, len(numbers), ",".join(map(str, numbers)))


def S(number, dtype="int32"):  # noqa: N802 - as F
    """One number, without a side."""
    return "@%s[]=%s" % (dtype, number)


def M(rows, dtype="int32"):  # noqa: N802 - as F
    """A matrix of just these numbers."""
    flat = [str(number) for row in rows for number in row]
    return "@%s[%d,%d]=%s" % (dtype, len(rows), len(rows[0]), ",".join(flat))


def L(*numbers):  # noqa: N802 - as F
    """int64 numbers, which sparse tensors are made of."""
    return I(*numbers, dtype="int64")


def Q(kind, *shape):  # noqa: N802 - as F
    """Quantised numbers."""
    return "@%s[%s]" % (kind, ",".join(map(str, shape)))


AT = M(((0, 1), (1, 0), (2, 3)), "int64")
AT2 = M(((0, 0), (1, 0), (2, 4)), "int64")
SPARSE = {"indices": AT, "values": F(3), "dense_shape": L(4, 5)}
SAME = {"strides": [1, 1, 1, 1], "padding": "SAME"}
SAME_3D = {"strides": [1, 1, 1, 1, 1], "padding": "SAME"}
POOL = {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
POOL_3D = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 2, 2, 2, 1], "padding": "VALID"}
GAPS = {"ksize": [1, 1, 1, 1], "strides": [1, 3, 3, 1], "padding": "VALID"}
DILATED = {"strides": [1, 1, 1, 1], "rates": [1, 1, 1, 1], "padding": "VALID"}
LSTM = {
    "x": F(2, 3),
    "cs_prev": F(2, 4),
    "h_prev": F(2, 4),
    "w": F(7, 16),
    "wci": F(4),
    "wcf": F(4),
    "wco": F(4),
    "b": F(16),
}
LSTM_OUT = {name: F(2, 4) for name in ("i", "cs", "f", "o", "ci", "co")}
STEPS = dict(LSTM, x=F(5, 2, 3), seq_len_max=S(5, "int64"))
STEPS_OUT = {name: F(5, 2, 4) for name in ("i", "cs", "f", "o", "ci", "co", "h")}
GRU = {"x": F(2, 3), "h_prev": F(2, 4), "w_ru": F(7, 8), "w_c": F(7, 4), "b_ru": F(8), "b_c": F(4)}
NORM = {"x": F(2, 5, 5, 3), "scale": P(3), "offset": F(3), "mean": F(0), "variance": F(0), "is_training": True}
FIXED = dict(NORM, mean=F(3), variance=P(3), is_training=False)
NORM_BACK = {
    "y_backprop": F(2, 5, 5, 3),
    "x": F(2, 5, 5, 3),
    "scale": P(3),
    "reserve_space_1": P(3),
    "reserve_space_2": P(3),
}
RANGE = {"min_input": S(-1.0, "float32"), "max_input": S(1.0, "float32")}
BOXES = {"boxes": P(9, 4), "scores": P(9), "max_output_size": S(5)}
LIMITS = {"iou_threshold": S(0.5, "float32"), "score_threshold": S(0.1, "float32")}
SEGMENTS = {"data": F(5, 4), "indices": I(0, 3, 3), "segment_ids": I(0, 2, 2)}
DEGREES = {"grad": F(3, 4), "indices": I(0, 3, 3), "segment_ids": I(0, 2, 2)}
RAGGED = {
    "params_nested_splits": [L(0, 2, 5)],
    "params_dense_values": F(5, 3),
    "indices": I(1, 0, 1),
    "OUTPUT_RAGGED_RANK": 1,
}
SAMPLER = {
    "true_classes": "@int64[4,2]%9",
    "num_true": 2,
    "num_sampled": 5,
    "unique": True,
    "seed": 7919,
    "seed2": 7919,
}
CANDIDATES = dict(SAMPLER, range_max=9)
KEY = L(7919, 4)
KEY2 = {"key": "@uint64[1]=7919", "counter": "@uint64[2]=3,4", "alg": S(1)}
UNIFORM = {"quantization_min_val": -128, "quantization_max_val": 127}
TRIANGLE = {"diagonals": F(2, 3, 5), "rhs": F(2, 5, 2)}

TABLE = {
    "AdjustHue": {"images": P(1, 5, 5, 3), "delta": S(0.2, "float32")},
    "AdjustSaturation": {"images": P(1, 5, 5, 3), "scale": S(1.5, "float32")},
    "AdjustContrastv2": {"images": P(1, 9, 9, 3), "contrast_factor": S(1.5, "float32")},
    "AllCandidateSampler": SAMPLER,
    "AudioSpectrogram": {"input": P(64, 2), "window_size": 16, "stride": 8},
    "AvgPool": dict(POOL, value=F(2, 9, 9, 3)),
    "AvgPool3D": dict(POOL_3D, input=F(1, 5, 5, 5, 2)),
    "AvgPool3DGrad": dict(POOL_3D, orig_input_shape=I(1, 5, 5, 5, 2), grad=F(1, 2, 2, 2, 2)),
    "AvgPoolGrad": dict(GAPS, orig_input_shape=I(1, 5, 5, 1), grad=F(1, 2, 2, 1)),
    "BandedTriangularSolve": {"matrix": P(3, 5), "rhs": F(5, 2)},
    "BatchToSpace": {"input": F(4, 2, 2, 3), "crops": M(((0, 1), (1, 0))), "block_size": 2},
    "BatchToSpaceND": {"input": F(4, 3, 2, 3), "block_shape": I(2, 2), "crops": M(((0, 1), (1, 0)))},
    "BlockLSTM": STEPS,
    "BlockLSTMV2": STEPS,
    "BlockLSTMGrad": dict(STEPS, **STEPS_OUT, cs_grad=F(5, 2, 4), h_grad=F(5, 2, 4), use_peephole=True),
    "BlockLSTMGradV2": dict(STEPS, **STEPS_OUT, cs_grad=F(5, 2, 4), h_grad=F(5, 2, 4), use_peephole=True),
    "CTCBeamSearchDecoder": {"inputs": F(5, 2, 4), "sequence_length": I(5, 3), "beam_width": 4, "top_paths": 2},
    "CTCGreedyDecoder": {"inputs": F(5, 2, 4), "sequence_length": I(5, 3)},
    "CTCLoss": {"inputs": F(5, 2, 4), "labels_indices": M(((0, 0), (0, 1), (1, 0)), "int64"),
        "labels_values": I(0, 2, 1), "sequence_length": I(5, 3)},
    "CombinedNonMaxSuppression": {"boxes": P(1, 9, 1, 4), "scores": P(1, 9, 2), "max_output_size_per_class": S(3),
        "max_total_size": S(5), **LIMITS},
    "ComputeAccidentalHits": {"true_classes": "@int64[4,2]%5", "sampled_candidates": L(0, 1, 2), "num_true": 2},
    "Conv": {"input": F(2, 9, 9, 3), "filter": F(3, 3, 3, 5), "strides": [1, 1, 1, 1], "padding": "SAME"},
    "Conv2D": dict(SAME, input=F(2, 9, 9, 3), filter=F(3, 3, 3, 5)),
    "Conv2DBackpropFilter": dict(SAME, input=F(2, 9, 9, 3), filter_sizes=I(3, 3, 3, 5), out_backprop=F(2, 9, 9, 5)),
    "Conv2DBackpropInput": dict(SAME, input_sizes=I(2, 9, 9, 3), filter=F(3, 3, 3, 5), out_backprop=F(2, 9, 9, 5)),
    "Conv3D": dict(SAME_3D, input=F(1, 5, 5, 5, 2), filter=F(3, 3, 3, 2, 3)),
    "Conv3DBackpropFilterV2": dict(SAME_3D, input=F(1, 5, 5, 5, 2), filter_sizes=I(3, 3, 3, 2, 3), out_backprop=F(1, 5, 5, 5, 3)),
    "Conv3DBackpropInputV2": dict(SAME_3D, input_sizes=I(1, 5, 5, 5, 2), filter=F(3, 3, 3, 2, 3), out_backprop=F(1, 5, 5, 5, 3)),
    "CropAndResize": {"image": F(2, 9, 9, 3), "boxes": P(5, 4), "box_ind": I(0, 1, 1, 0, 1), "crop_size": I(4, 4)},
    "CropAndResizeGradBoxes": {"grads": F(5, 4, 4, 3), "image": F(2, 9, 9, 3), "boxes": P(5, 4), "box_ind": I(0, 1, 1, 0, 1)},
    "CropAndResizeGradImage": {"grads": F(5, 4, 4, 3), "boxes": P(5, 4), "box_ind": I(0, 1, 1, 0, 1),
        "image_size": I(2, 9, 9, 3), "T": "float32"},
    "DenseBincount": {"input": "@int32[50]%9", "size": S(12), "weights": F(50)},
    "DenseToSparseSetOperation": {"set1": "@int64[3,4]%9", "set2_indices": AT2, "set2_values": L(1, 3, 5),
        "set2_shape": L(3, 5), "set_operation": "union"},
    "DepthwiseConv2dNative": dict(SAME, input=F(2, 9, 9, 3), filter=F(3, 3, 3, 2)),
    "DepthwiseConv2dNativeBackpropFilter": dict(SAME, input=F(2, 9, 9, 3), filter_sizes=I(3, 3, 3, 2), out_backprop=F(2, 9, 9, 6)),
    "DepthwiseConv2dNativeBackpropInput": dict(SAME, input_sizes=I(2, 9, 9, 3), filter=F(3, 3, 3, 2), out_backprop=F(2, 9, 9, 6)),
    "Dequantize": {"input": Q("quint8", 3, 5), "min_range": S(0.0, "float32"), "max_range": S(2.0, "float32")},
    "Dilation2D": dict(DILATED, input=F(2, 9, 9, 3), filter=F(3, 3, 3)),
    "Dilation2DBackpropFilter": dict(DILATED, input=F(2, 9, 9, 3), filter=F(3, 3, 3), out_backprop=F(2, 7, 7, 3)),
    "Dilation2DBackpropInput": dict(DILATED, input=F(2, 9, 9, 3), filter=F(3, 3, 3), out_backprop=F(2, 7, 7, 3)),
    "DrawBoundingBoxes": {"images": P(1, 9, 9, 3), "boxes": P(1, 2, 4)},
    "DrawBoundingBoxesV2": {"images": P(1, 9, 9, 3), "boxes": P(1, 2, 4), "colors": P(2, 4)},
    "DynamicStitch": {"indices": [I(0, 2), I(1, 3, 3)], "data": [F(2, 4), F(3, 4)]},
    "ParallelDynamicStitch": [{"indices": [I(0, 2), I(1, 3)], "data": [F(2, 4), F(2, 4)]},
        {"indices": [I(4, 0, 2), I(1, 3)], "data": [F(3, 7), F(2, 7)]}],
    "DynamicPartition": {"data": F(7, 3), "partitions": I(0, 1, 2, 1, 0, 0, 2), "num_partitions": 3},
    "EditDistance": {"hypothesis_indices": AT2, "hypothesis_values": L(1, 2, 3), "hypothesis_shape": L(3, 5),
        "truth_indices": AT2, "truth_values": L(1, 2, 4), "truth_shape": L(3, 5)},
    "Eig": {"input": F(4, 4), "Tout": "complex64"},
    "Einsum": {"inputs": [F(5, 7), F(7, 9)], "equation": "ij,jk->ki"},
    "ExtractGlimpse": {"input": F(2, 9, 9, 3), "size": I(4, 4), "offsets": P(2, 2), "uniform_noise": False, "noise": "zero"},
    "ExtractGlimpseV2": {"input": F(2, 9, 9, 3), "size": I(4, 4), "offsets": P(2, 2), "uniform_noise": False, "noise": "zero"},
    "ExtractImagePatches": {"images": F(1, 5, 5, 2), "ksizes": [1, 2, 2, 1], "strides": [1, 1, 1, 1],
        "rates": [1, 2, 2, 1], "padding": "SAME"},
    "ExtractVolumePatches": {"input": F(1, 5, 5, 5, 2), "ksizes": [1, 2, 2, 2, 1], "strides": [1, 1, 1, 1, 1], "padding": "SAME"},
    "FakeQuantWithMinMaxVarsPerChannel": {"inputs": F(5, 3), "min": "@float32[3]=-1.0,-1.0,-1.0", "max": "@float32[3]=1.0,1.0,2.0"},
    "FakeQuantWithMinMaxVarsPerChannelGradient": {"gradients": F(5, 3), "inputs": F(5, 3),
        "min": "@float32[3]=-1.0,-1.0,-1.0", "max": "@float32[3]=1.0,1.0,2.0"},
    "FixedUnigramCandidateSampler": dict(CANDIDATES, unigrams=[1.0, 2.0, 3.0, 1.0, 1.0, 4.0, 1.0, 1.0, 2.0]),
    "FractionalAvgPool": {"value": F(1, 9, 9, 2), "pooling_ratio": [1.0, 1.5, 1.4, 1.0], "pseudo_random": True,
        "deterministic": True, "seed": 7919, "seed2": 7919},
    "FractionalMaxPool": {"value": F(1, 9, 9, 2), "pooling_ratio": [1.0, 1.5, 1.4, 1.0], "pseudo_random": True,
        "deterministic": True, "seed": 7919, "seed2": 7919},
    "FractionalAvgPoolGrad": {"orig_input_tensor_shape": L(1, 6, 6, 1), "out_backprop": F(1, 2, 2, 1),
        "row_pooling_sequence": L(0, 3, 6), "col_pooling_sequence": L(0, 2, 6), "overlapping": False},
    "FractionalMaxPoolGrad": {"orig_input": F(1, 6, 6, 1) + "%1", "orig_output": F(1, 2, 2, 1) + "%1", "out_backprop": F(1, 2, 2, 1),
        "row_pooling_sequence": L(0, 3, 6), "col_pooling_sequence": L(0, 2, 6), "overlapping": False},
    "FusedBatchNorm": [NORM, FIXED],
    "FusedBatchNormV2": [NORM, FIXED],
    "FusedBatchNormV3": [NORM, FIXED],
    "FusedBatchNormGrad": NORM_BACK,
    "FusedBatchNormGradV2": NORM_BACK,
    "FusedBatchNormGradV3": dict(NORM_BACK, reserve_space_3=P(3)),
    "FusedPadConv2D": {"input": F(1, 5, 5, 2), "paddings": "@int32[4,2]=0,0,1,1,1,1,0,0", "filter": F(3, 3, 2, 3),
        "mode": "REFLECT", "strides": [1, 1, 1, 1], "padding": "VALID"},
    "FusedResizeAndPadConv2D": {"input": F(1, 5, 5, 2), "size": I(7, 6), "paddings": "@int32[4,2]=0,0,1,1,1,1,0,0",
        "filter": F(3, 3, 2, 3), "mode": "REFLECT", "strides": [1, 1, 1, 1], "padding": "VALID"},
    "GRUBlockCell": GRU,
    "GRUBlockCellGrad": dict(GRU, r=P(2, 4), u=P(2, 4), c=P(2, 4), d_h=F(2, 4)),
    "GatherNd": {"params": F(5, 4), "indices": "@int32[3,1]%5"},
    "GatherV2": {"params": F(5, 4), "indices": "@int32[7]%5", "axis": S(0)},
    "HSVToRGB": {"images": P(4, 5, 3)},
    "RGBToHSV": {"images": P(4, 5, 3)},
    "HistogramFixedWidth": {"values": F(33), "value_range": "@float32[2]=-3.0,3.0", "nbins": S(9)},
    "ImageProjectiveTransformV2": {"images": F(1, 5, 5, 2), "transforms": "@float32[1,8]=1.0,0.2,0.0,0.1,1.0,0.0,0.0,0.0",
        "output_shape": I(6, 4), "interpolation": "BILINEAR"},
    "ImageProjectiveTransformV3": {"images": F(1, 5, 5, 2), "transforms": "@float32[1,8]=1.0,0.2,0.0,0.1,1.0,0.0,0.0,0.0",
        "output_shape": I(6, 4), "fill_value": S(0.5, "float32"), "interpolation": "BILINEAR"},
    "InTopK": {"predictions": F(7, 9), "targets": "@int32[7]%9", "k": 3},
    "IRFFT": {"input": "@complex64[5,9]", "fft_length": I(16)},
    "IRFFT2D": {"input": "@complex64[5,9]", "fft_length": I(5, 16)},
    "IRFFT3D": {"input": "@complex64[3,5,9]", "fft_length": I(3, 5, 16)},
    "RFFT": {"input": F(5, 30), "fft_length": I(30)},
    "RFFT2D": {"input": F(5, 30), "fft_length": I(5, 30)},
    "RFFT3D": {"input": F(3, 5, 8), "fft_length": I(3, 5, 8)},
    "IsotonicRegression": {"input": F(3, 7), "output_dtype": "float32"},
    "KMC2ChainInitialization": {"distances": P(9), "seed": S(7919, "int64")},
    "KmeansPlusPlusInitialization": {"points": F(9, 3), "num_to_sample": S(4, "int64"), "seed": S(7919, "int64"),
        "num_retries_per_sample": S(2, "int64")},
    "LRN": {"input": F(1, 3, 3, 8), "depth_radius": 2},
    "LRNGrad": {"input_grads": F(1, 3, 3, 8), "input_image": F(1, 3, 3, 8), "output_image": F(1, 3, 3, 8), "depth_radius": 2},
    "LSTMBlockCell": LSTM,
    "LSTMBlockCellGrad": dict(LSTM, **LSTM_OUT, cs_grad=F(2, 4), h_grad=F(2, 4), use_peephole=True),
    "LearnedUnigramCandidateSampler": CANDIDATES,
    "LogUniformCandidateSampler": CANDIDATES,
    "ThreadUnsafeUnigramCandidateSampler": CANDIDATES,
    "UniformCandidateSampler": CANDIDATES,
    "MatrixDiagV3": {"diagonal": F(3, 4), "k": I(-1, 1), "num_rows": S(4), "num_cols": S(4), "padding_value": S(0.5, "float32")},
    "MatrixDiagV2": {"diagonal": F(3, 4), "k": I(-1, 1), "num_rows": S(4), "num_cols": S(4), "padding_value": S(0.5, "float32")},
    "MatrixDiagPartV2": {"input": F(3, 4), "k": I(-2, 2), "padding_value": S(0.5, "float32")},
    "MatrixDiagPartV3": {"input": F(3, 4), "k": I(-2, 2), "padding_value": S(0.5, "float32")},
    "MatrixSetDiagV2": {"input": F(4, 4), "diagonal": F(3, 4), "k": I(-1, 1)},
    "MatrixSetDiagV3": {"input": F(4, 4), "diagonal": F(3, 4), "k": I(-1, 1)},
    "MatrixSolveLs": {"matrix": F(7, 4), "rhs": F(7, 3), "l2_regularizer": S(0.0, "float64"), "fast": False},
    "MaxPool": dict(POOL, input=F(2, 9, 9, 3)),
    "MaxPoolV2": {"input": F(2, 9, 9, 3), "ksize": I(1, 3, 3, 1), "strides": I(1, 2, 2, 1), "padding": "VALID"},
    "MaxPoolGrad": dict(POOL, orig_input=F(2, 9, 9, 3), orig_output=F(2, 4, 4, 3), grad=F(2, 4, 4, 3)),
    "MaxPoolGradGrad": dict(POOL, orig_input=F(2, 9, 9, 3), orig_output=F(2, 4, 4, 3), grad=F(2, 9, 9, 3)),
    "MaxPoolGradV2": {"orig_input": F(2, 9, 9, 3), "orig_output": F(2, 4, 4, 3), "grad": F(2, 4, 4, 3),
        "ksize": I(1, 3, 3, 1), "strides": I(1, 2, 2, 1), "padding": "VALID"},
    "MaxPoolGradGradV2": {"orig_input": F(2, 9, 9, 3), "orig_output": F(2, 4, 4, 3), "grad": F(2, 9, 9, 3),
        "ksize": I(1, 3, 3, 1), "strides": I(1, 2, 2, 1), "padding": "VALID"},
    "MaxPoolWithArgmax": dict(POOL, input=F(2, 9, 9, 3)),
    "MaxPoolGradWithArgmax": dict(POOL, input=F(2, 9, 9, 3), grad=F(2, 4, 4, 3), argmax="@int64[2,4,4,3]%240"),
    "MaxPool3D": dict(POOL_3D, input=F(1, 5, 5, 5, 2)),
    "MaxPool3DGrad": dict(POOL_3D, orig_input=F(1, 5, 5, 5, 2), orig_output=F(1, 2, 2, 2, 2), grad=F(1, 2, 2, 2, 2)),
    "MaxPool3DGradGrad": dict(POOL_3D, orig_input=F(1, 5, 5, 5, 2), orig_output=F(1, 2, 2, 2, 2), grad=F(1, 5, 5, 5, 2)),
    "Mfcc": {"spectrogram": P(1, 4, 33), "sample_rate": S(8000)},
    "NearestNeighbors": {"points": F(9, 3), "centers": F(4, 3), "k": S(2, "int64")},
    "NonMaxSuppression": dict(BOXES),
    "NonMaxSuppressionV2": dict(BOXES, iou_threshold=S(0.5, "float32")),
    "NonMaxSuppressionV3": dict(BOXES, **LIMITS),
    "NonMaxSuppressionV4": dict(BOXES, **LIMITS, pad_to_max_output_size=True),
    "NonMaxSuppressionV5": dict(BOXES, **LIMITS, soft_nms_sigma=S(0.5, "float32"), pad_to_max_output_size=True),
    "NonMaxSuppressionWithOverlaps": {"overlaps": P(9, 9), "scores": P(9), "max_output_size": S(5),
        "overlap_threshold": S(0.5, "float32"), "score_threshold": S(0.1, "float32")},
    "ParameterizedTruncatedNormal": {"shape": I(7, 5), "means": S(0.0, "float32"), "stdevs": S(1.0, "float32"),
        "minvals": S(-1.0, "float32"), "maxvals": S(1.5, "float32"), "seed": 7919, "seed2": 7919},
    "StatelessParameterizedTruncatedNormal": {"shape": I(7, 5), "seed": KEY, "means": S(0.0, "float32"),
        "stddevs": S(1.0, "float32"), "minvals": S(-1.0, "float32"), "maxvals": S(1.5, "float32")},
    "Qr": {"input": F(6, 4), "full_matrices": True},
    "QuantizeV2": {"input": F(3, 5), "min_range": S(-3.0, "float32"), "max_range": S(3.0, "float32"), "T": "quint8"},
    "QuantizeAndDequantizeV3": {"input": F(3, 5), "input_min": S(-3.0, "float32"), "input_max": S(3.0, "float32"),
        "num_bits": S(8), "range_given": True},
    "QuantizeDownAndShrinkRange": {"input": Q("qint32", 3, 5), "out_type": "quint8",
        "input_min": S(-1.0, "float32"), "input_max": S(1.0, "float32")},
    "QuantizedAdd": {"x": Q("quint8", 3, 5), "y": Q("quint8", 3, 5), "min_x": S(0.0, "float32"), "max_x": S(1.0, "float32"),
        "min_y": S(0.0, "float32"), "max_y": S(2.0, "float32")},
    "QuantizedMul": {"x": Q("quint8", 3, 5), "y": Q("quint8", 3, 5), "min_x": S(0.0, "float32"), "max_x": S(1.0, "float32"),
        "min_y": S(0.0, "float32"), "max_y": S(2.0, "float32")},
    "QuantizedAvgPool": dict(POOL, input=Q("quint8", 1, 7, 7, 3), **RANGE),
    "QuantizedMaxPool": dict(POOL, input=Q("quint8", 1, 7, 7, 3), **RANGE),
    "QuantizedBatchNormWithGlobalNormalization": {
        "t": Q("quint8", 1, 3, 3, 2), "t_min": S(-1.0, "float32"), "t_max": S(1.0, "float32"),
        "m": Q("quint8", 2), "m_min": S(-1.0, "float32"), "m_max": S(1.0, "float32"),
        "v": Q("quint8", 2), "v_min": S(0.0, "float32"), "v_max": S(1.0, "float32"),
        "beta": Q("quint8", 2), "beta_min": S(-1.0, "float32"), "beta_max": S(1.0, "float32"),
        "gamma": Q("quint8", 2), "gamma_min": S(-1.0, "float32"), "gamma_max": S(1.0, "float32"),
        "out_type": "qint32", "variance_epsilon": 0.01, "scale_after_normalization": True},
    "QuantizedBiasAdd": {"input": Q("quint8", 3, 5), "bias": Q("quint8", 5), "min_bias": S(-1.0, "float32"),
        "max_bias": S(1.0, "float32"), "out_type": "qint32", **RANGE},
    "QuantizedConcat": {"concat_dim": S(0), "values": [Q("quint8", 3, 5), Q("quint8", 2, 5)],
        "input_mins": [S(0.0, "float32"), S(-1.0, "float32")], "input_maxes": [S(1.0, "float32"), S(2.0, "float32")]},
    "QuantizedInstanceNorm": {"x": Q("quint8", 1, 5, 5, 3), "x_min": S(-1.0, "float32"), "x_max": S(1.0, "float32")},
    "QuantizedMatMul": {"a": Q("quint8", 3, 5), "b": Q("quint8", 5, 4), "min_a": S(-1.0, "float32"),
        "max_a": S(1.0, "float32"), "min_b": S(-1.0, "float32"), "max_b": S(1.0, "float32")},
    "QuantizedRelu": {"features": Q("quint8", 3, 5), "min_features": S(-1.0, "float32"), "max_features": S(1.0, "float32")},
    "QuantizedRelu6": {"features": Q("quint8", 3, 5), "min_features": S(-1.0, "float32"), "max_features": S(8.0, "float32")},
    "QuantizedReshape": {"tensor": Q("quint8", 3, 4), "shape": I(6, 2), "input_min": S(0.0, "float32"), "input_max": S(1.0, "float32")},
    "QuantizedResizeBilinear": {"images": Q("quint8", 1, 5, 7, 2), "size": I(9, 4), "min": S(0.0, "float32"), "max": S(1.0, "float32")},
    "RaggedBincount": {"splits": L(0, 2, 5), "values": I(0, 3, 3, 1, 2), "size": S(5), "weights": F(5)},
    "RaggedCountSparseOutput": {"splits": L(0, 2, 5), "values": I(0, 3, 3, 1, 2), "weights": F(5), "binary_output": False},
    "RaggedFillEmptyRows": {"value_rowids": L(0, 2, 2), "values": F(3), "nrows": S(4, "int64"), "default_value": S(1.5, "float32")},
    "RaggedFillEmptyRowsGrad": {"reverse_index_map": L(0, 2), "grad_values": F(4)},
    "RaggedGather": RAGGED,
    "RaggedRange": {"starts": I(0, 5, 8), "limits": I(3, 5, 12), "deltas": I(1, 1, 2)},
    "RaggedTensorToSparse": {"rt_nested_splits": [L(0, 2, 5)], "rt_dense_values": F(5)},
    "RaggedTensorToTensor": [{"shape": I(3, 4), "values": F(5), "default_value": S(0.5, "float32"),
        "row_partition_tensors": [L(0, 2, 5)], "row_partition_types": ["ROW_SPLITS"]},
        {"shape": I(3, 4), "values": F(0), "default_value": S(0.5, "float32"),
        "row_partition_tensors": [L(0, 0, 0, 0)], "row_partition_types": ["ROW_SPLITS"]}],
    "RandomGamma": {"shape": I(7, 5), "alpha": P(3), "seed": 7919, "seed2": 7919},
    "RandomPoissonV2": {"shape": I(7, 5), "rate": P(3), "seed": 7919, "seed2": 7919},
    "Requantize": {"input": Q("qint32", 3, 5), "input_min": S(-3.0, "float32"), "input_max": S(3.0, "float32"),
        "requested_output_min": S(-1.0, "float32"), "requested_output_max": S(1.0, "float32"), "out_type": "quint8"},
    "RequantizationRange": {"input": Q("qint32", 3, 5), "input_min": S(-3.0, "float32"), "input_max": S(3.0, "float32")},
    "RequantizationRangePerChannel": {"input": Q("qint32", 1, 3, 3, 5), "input_min": F(5), "input_max": P(5), "clip_value_max": 3.0},
    "RequantizePerChannel": {"input": Q("qint32", 1, 3, 3, 5), "input_min": F(5), "input_max": P(5),
        "requested_output_min": S(-1.0, "float32"), "requested_output_max": S(1.0, "float32")},
    "ResizeArea": {"images": F(1, 5, 7, 3), "size": I(9, 4)},
    "ResizeBicubic": {"images": F(1, 5, 7, 3), "size": I(9, 4)},
    "ResizeBicubicGrad": {"grads": F(1, 9, 4, 3), "original_image": F(1, 5, 7, 3)},
    "ResizeBilinear": {"images": F(1, 5, 7, 3), "size": I(9, 4)},
    "ResizeBilinearGrad": {"grads": F(1, 9, 4, 3), "original_image": F(1, 5, 7, 3)},
    "ResizeNearestNeighbor": {"images": F(1, 5, 7, 3), "size": I(9, 4)},
    "ResizeNearestNeighborGrad": {"grads": F(1, 9, 4, 3), "size": I(5, 7)},
    "ReverseSequence": {"input": F(3, 4), "seq_lengths": I(0, 2, 4), "seq_dim": 1, "batch_dim": 0},
    "SampleDistortedBoundingBox": {"image_size": I(20, 20, 3), "bounding_boxes": P(1, 2, 4), "seed": 7919, "seed2": 7919,
        "use_image_if_no_bounding_boxes": True},
    "SampleDistortedBoundingBoxV2": {"image_size": I(20, 20, 3), "bounding_boxes": P(1, 2, 4),
        "min_object_covered": S(0.1, "float32"), "seed": 7919, "seed2": 7919},
    "StatelessSampleDistortedBoundingBox": {"image_size": I(20, 20, 3), "bounding_boxes": P(1, 2, 4),
        "min_object_covered": S(0.1, "float32"), "seed": KEY},
    "ScaleAndTranslate": {"images": F(1, 5, 5, 2), "size": I(4, 7), "scale": "@float32[2]=0.8,1.5", "translation": "@float32[2]=0.5,0.1"},
    "ScaleAndTranslateGrad": {"grads": F(1, 4, 7, 2), "original_image": F(1, 5, 5, 2), "scale": "@float32[2]=0.8,1.5",
        "translation": "@float32[2]=0.5,0.1"},
    "ScatterNd": {"indices": "@int32[2,1]=1,4", "updates": F(2, 4), "shape": I(7, 4)},
    "SegmentMean": {"data": F(5, 4), "segment_ids": I(0, 0, 2, 2, 5)},
    "SegmentSum": {"data": F(5, 4), "segment_ids": I(0, 0, 2, 2, 5)},
    "SetSize": {"set_indices": AT, "set_values": L(1, 2, 3), "set_shape": L(4, 5)},
    "SobolSample": {"dim": S(3), "num_results": S(9), "skip": S(2)},
    "SoftmaxCrossEntropyWithLogits": {"features": F(7, 33), "labels": P(7, 33)},
    "SparseSoftmaxCrossEntropyWithLogits": {"features": F(7, 33), "labels": "@int32[7]%33"},
    "SpaceToBatch": {"input": F(2, 4, 4, 3), "paddings": M(((0, 2), (1, 1))), "block_size": 2},
    "SpaceToBatchND": {"input": F(1, 4, 4, 1), "block_shape": I(2, 2), "paddings": M(((0, 2), (2, 0)))},
    "SparseAdd": {"a_indices": AT, "a_values": F(3), "a_shape": L(4, 5), "b_indices": AT2, "b_values": F(3), "b_shape": L(4, 5),
        "thresh": S(0.1, "float32")},
    "SparseAddGrad": {"backprop_val_grad": F(5), "a_indices": AT, "b_indices": AT2,
        "sum_indices": M(((0, 0), (0, 1), (1, 0), (2, 3), (2, 4)), "int64")},
    "SparseBincount": {"indices": AT, "values": I(0, 3, 1), "dense_shape": L(4, 5), "size": S(5), "weights": F(3)},
    "SparseConcat": {"indices": [AT, AT2], "values": [F(3), F(3)], "shapes": [L(4, 5), L(4, 5)], "concat_dim": 1},
    "SparseCountSparseOutput": {"indices": AT, "values": I(0, 3, 1), "dense_shape": L(4, 5), "weights": F(3), "binary_output": False},
    "DenseCountSparseOutput": {"values": "@int32[4,5]%6", "weights": F(4, 5), "binary_output": False},
    "SparseDenseCwiseAdd": {"sp_indices": AT, "sp_values": F(3), "sp_shape": L(4, 5), "dense": F(4, 5)},
    "SparseDenseCwiseDiv": {"sp_indices": AT, "sp_values": F(3), "sp_shape": L(4, 5), "dense": F(4, 5)},
    "SparseDenseCwiseMul": {"sp_indices": AT, "sp_values": F(3), "sp_shape": L(4, 5), "dense": F(4, 5)},
    "SparseFillEmptyRows": dict(SPARSE, default_value=S(1.5, "float32")),
    "SparseFillEmptyRowsGrad": {"reverse_index_map": L(0, 2), "grad_values": F(4)},
    "SparseMatMul": {"a": F(9, 17), "b": F(17, 5)},
    "SparseReduceMax": {"input_indices": AT, "input_values": F(3), "input_shape": L(4, 5), "reduction_axes": I(1)},
    "SparseReduceSum": {"input_indices": AT, "input_values": F(3), "input_shape": L(4, 5), "reduction_axes": I(1)},
    "SparseReduceMaxSparse": {"input_indices": AT, "input_values": F(3), "input_shape": L(4, 5), "reduction_axes": I(1)},
    "SparseReduceSumSparse": {"input_indices": AT, "input_values": F(3), "input_shape": L(4, 5), "reduction_axes": I(1)},
    "SparseReorder": {"input_indices": M(((2, 3), (0, 1), (1, 0)), "int64"), "input_values": F(3), "input_shape": L(4, 5)},
    "SparseReshape": {"input_indices": AT, "input_shape": L(4, 5), "new_shape": L(2, -1)},
    "SparseSlice": {"indices": AT, "values": F(3), "shape": L(4, 5), "start": L(0, 0), "size": L(2, 3)},
    "SparseSliceGrad": {"backprop_val_grad": F(2), "input_indices": AT, "input_start": L(0, 0),
        "output_indices": M(((0, 1), (1, 0)), "int64")},
    "SparseSoftmax": {"sp_indices": AT, "sp_values": F(3), "sp_shape": L(4, 5)},
    "SparseSparseMaximum": {"a_indices": AT, "a_values": F(3), "a_shape": L(4, 5), "b_indices": AT2, "b_values": F(3), "b_shape": L(4, 5)},
    "SparseSparseMinimum": {"a_indices": AT, "a_values": F(3), "a_shape": L(4, 5), "b_indices": AT2, "b_values": F(3), "b_shape": L(4, 5)},
    "SparseSplit": {"split_dim": S(1, "int64"), "indices": AT, "values": F(3), "shape": L(4, 5), "num_split": 2},
    "SparseTensorDenseAdd": {"a_indices": AT, "a_values": F(3), "a_shape": L(4, 5), "b": F(4, 5)},
    "SparseTensorDenseMatMul": {"a_indices": AT, "a_values": F(3), "a_shape": L(4, 5), "b": F(5, 7)},
    "SparseToDense": {"sparse_indices": AT, "output_shape": L(4, 5), "sparse_values": F(3), "default_value": S(0.5, "float32")},
    "SparseToSparseSetOperation": {"set1_indices": AT, "set1_values": L(1, 2, 3), "set1_shape": L(4, 5), "set2_indices": AT2,
        "set2_values": L(1, 2, 4), "set2_shape": L(4, 5), "set_operation": "union"},
    "SparseSegmentMean": SEGMENTS, "SparseSegmentSum": SEGMENTS, "SparseSegmentSqrtN": SEGMENTS,
    "SparseSegmentMeanWithNumSegments": dict(SEGMENTS, num_segments=S(6)),
    "SparseSegmentSumWithNumSegments": dict(SEGMENTS, num_segments=S(6)),
    "SparseSegmentSqrtNWithNumSegments": dict(SEGMENTS, num_segments=S(6)),
    "SparseSegmentMeanGrad": dict(DEGREES, output_dim0=S(5)),
    "SparseSegmentSumGrad": dict(DEGREES, output_dim0=S(5)),
    "SparseSegmentSqrtNGrad": dict(DEGREES, output_dim0=S(5)),
    "SparseSegmentMeanGradV2": dict(DEGREES, dense_output_dim0=S(5)),
    "SparseSegmentSumGradV2": dict(DEGREES, dense_output_dim0=S(5)),
    "SparseSegmentSqrtNGradV2": dict(DEGREES, dense_output_dim0=S(5)),
    "StatelessMultinomial": {"logits": F(3, 5), "num_samples": S(9), "seed": KEY},
    "StatelessRandomBinomial": {"shape": I(7, 5), "seed": KEY, "counts": S(9.0, "float32"), "probs": S(0.4, "float32")},
    "StatelessRandomGammaV2": {"shape": I(7, 5), "seed": KEY, "alpha": P(5)},
    "StatelessRandomGammaV3": {"shape": I(7, 5), **KEY2, "alpha": P(5)},
    "StatelessRandomPoisson": {"shape": I(7, 5), "seed": KEY, "lam": P(5), "dtype": "float32"},
    "StatelessRandomUniformV2": {"shape": I(7, 5), **KEY2, "dtype": "float32"},
    "StatelessRandomNormalV2": {"shape": I(7, 5), **KEY2, "dtype": "float32"},
    "StatelessTruncatedNormalV2": {"shape": I(7, 5), **KEY2, "dtype": "float32"},
    "StatelessRandomUniformIntV2": {"shape": I(7, 5), **KEY2, "minval": S(-3), "maxval": S(99)},
    "StatelessRandomUniformFullIntV2": {"shape": I(7, 5), **KEY2, "dtype": "int32"},
    "StatelessRandomUniformInt": {"shape": I(7, 5), "seed": KEY, "minval": S(-3), "maxval": S(99)},
    "StatelessShuffle": {"value": F(9, 3), **KEY2},
    "RandomIndexShuffle": {"index": S(3), "seed": I(1, 2, 3), "max_index": S(20)},
    "StridedSlice": {"input": F(9, 7), "begin": I(1, 2), "end": I(8, 7), "strides": I(2, 3)},
    "StridedSliceGrad": {"shape": I(9, 9), "begin": I(1, 2), "end": I(8, 7), "strides": I(2, 3), "dy": F(4, 2)},
    "TensorStridedSliceUpdate": {"input": F(9, 7), "begin": I(1, 2), "end": I(8, 7), "strides": I(2, 3), "value": F(4, 2)},
    "TridiagonalMatMul": {"superdiag": F(2, 1, 5), "maindiag": F(2, 1, 5), "subdiag": F(2, 1, 5), "rhs": F(2, 5, 3)},
    "TridiagonalSolve": TRIANGLE,
    "UnsortedSegmentSum": {"data": F(50, 4), "segment_ids": "@int32[50]%9", "num_segments": S(12)},
    "UniformQuantize": dict(UNIFORM, input=F(3, 5), scales=S(0.1, "float32"), zero_points=S(3), Tout="qint8"),
    "UniformDequantize": dict(UNIFORM, input=Q("qint8", 3, 5), scales=S(0.1, "float32"), zero_points=S(3), Tout="float32"),
    "UniformQuantizedDotHybrid": {"lhs": F(3, 5), "rhs": Q("qint8", 5, 4), "rhs_scales": S(0.1, "float32"),
        "rhs_zero_points": S(3), "Tout": "float32", "rhs_quantization_min_val": -128, "rhs_quantization_max_val": 127},
    "UniformQuantizedAdd": {"lhs": Q("qint32", 3, 5), "rhs": Q("qint32", 3, 5), "lhs_scales": S(0.1, "float32"),
        "lhs_zero_points": S(3), "rhs_scales": S(0.2, "float32"), "rhs_zero_points": S(1), "output_scales": S(0.3, "float32"),
        "output_zero_points": S(0), "lhs_quantization_min_val": -2147483648, "lhs_quantization_max_val": 2147483647,
        "rhs_quantization_min_val": -2147483648, "rhs_quantization_max_val": 2147483647,
        "output_quantization_min_val": -2147483648, "output_quantization_max_val": 2147483647},
    "UniformQuantizedDot": {"lhs": Q("qint8", 3, 5), "rhs": Q("qint8", 5, 4), "lhs_scales": S(0.1, "float32"),
        "lhs_zero_points": S(3), "rhs_scales": S(0.2, "float32"), "rhs_zero_points": S(1), "output_scales": S(0.3, "float32"),
        "output_zero_points": S(0), "Tout": "qint32", "lhs_quantization_min_val": -128, "lhs_quantization_max_val": 127,
        "rhs_quantization_min_val": -128, "rhs_quantization_max_val": 127,
        "output_quantization_min_val": -2147483648, "output_quantization_max_val": 2147483647},
    "UniformRequantize": {"input": Q("qint8", 3, 5), "input_scales": S(0.1, "float32"), "input_zero_points": S(3),
        "output_scales": S(0.2, "float32"), "output_zero_points": S(1), "Tout": "qint8",
        "input_quantization_min_val": -128, "input_quantization_max_val": 127,
        "output_quantization_min_val": -128, "output_quantization_max_val": 127},
    "UniformQuantizedClipByValue": {"operand": Q("qint32", 3, 5), "min": "@qint32[]=-2", "max": "@qint32[]=2",
        "scales": S(0.1, "float32"), "zero_points": S(3), "quantization_min_val": -2147483648, "quantization_max_val": 2147483647},
    "TensorScatterMin": {"tensor": F(7, 4), "indices": "@int32[2,1]=1,4", "updates": F(2, 4)},
    "ClipByValue": {"t": F(5, 7), "clip_value_min": S(-1.0, "float32"), "clip_value_max": S(1.0, "float32")},
    "SplitV": {"value": F(7, 3), "size_splits": I(2, 4, 1), "axis": S(0), "num_split": 3},
    "Bucketize": {"input": F(9), "boundaries": [-2.0, 0.0, 1.5]},
    "Bitcast": {"input": F(3, 4), "type": "int32"},
    "Betainc": {"a": P(7), "b": P(7), "x": P(7)},
    "CholeskyGrad": {"l": P(4, 4), "grad": F(4, 4)},
    "Cholesky": [{"input": "@float32[3,3]=4.0,2.0,0.6,2.0,5.0,1.5,0.6,1.5,3.0"},
        {"input": "@float32[2,2,2]=4.0,2.0,2.0,5.0,1.5,0.5,0.5,2.5"}],
    "MirrorPad": {"input": F(5, 7), "paddings": M(((1, 2), (3, 0))), "mode": "REFLECT"},
    "MirrorPadGrad": {"input": F(7, 7), "paddings": M(((1, 1), (2, 1))), "mode": "REFLECT"},
    "UniqueV2": {"x": "@int32[7,3]%2", "axis": I(0)},
    "UniqueWithCountsV2": {"x": "@int32[7,3]%2", "axis": I(0)},
    "UpperBound": {"sorted_inputs": M(((1, 3, 5, 7), (2, 2, 4, 4))), "values": "@int32[2,5]%9"},
    "LowerBound": {"sorted_inputs": M(((1, 3, 5, 7), (2, 2, 4, 4))), "values": "@int32[2,5]%9"},
    "UnravelIndex": {"indices": I(3, 7, 11), "dims": I(3, 4)},
    "MatrixTriangularSolve": {"matrix": P(4, 4), "rhs": F(4, 3)},
    "Multinomial": {"logits": F(3, 5), "num_samples": S(9), "seed": 7919, "seed2": 7919},
}  # fmt: skip
"""Operator to arguments that work (or several such), written as `checks/tensorflow/_raw.py` reads them."""


def given(name):
    """Hints for an operator, as a list."""
    hint = TABLE.get(name) or []
    return [dict(hint)] if isinstance(hint, dict) else [dict(one) for one in hint]
