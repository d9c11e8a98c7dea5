"""Which raw operators are compared compiled and row by row, and why others are not: data."""

from __future__ import annotations

DRAWS = (
    "Random",
    "Sampler",
    "Multinomial",
    "TruncatedNormal",
    "Shuffle",
    "SampleDistorted",
    "Fractional",
    "Kmeans",
    "KMC2",
)
"""Parts of names of operators that draw: XLA uses another generator, as documented."""
SIGNS = "signs of its factors or vectors are free"
APART = "its arguments must come from one forward call, and those of the search do not"
FREE = {
    "Qr": SIGNS,
    "Svd": SIGNS,
    "SelfAdjointEigV2": SIGNS,
    "Eig": SIGNS,
    "MaxPoolGradGrad": APART,
    "MaxPoolGradGradV2": APART,
    "MaxPool3DGrad": APART,
    "MaxPool3DGradGrad": APART,
    "NonMaxSuppressionV4": "what it pads with is free",
    "NonMaxSuppressionV5": "what it pads with is free",
}
"""Operators whose compiled result may differ, and why."""
ELEMENTWISE = dict.fromkeys(("Atan2", "Pow"), ("x", "y"))
ELEMENTWISE.update(
    dict.fromkeys(
        ["Tanh", "Sigmoid", "Exp", "Log1p", "Sin", "Erf", "Lgamma", "Digamma", "Sqrt", "Rsqrt", "Expm1"], ("x",)
    )
)
ELEMENTWISE.update(dict.fromkeys(("Relu", "Elu", "Selu", "Softplus"), ("features",)))
"""Operators without a sum. In half precision they are computed in float32, and rounded once."""
ROWS = dict(ELEMENTWISE, **dict.fromkeys(("BatchMatMulV2", "BatchMatMulV3"), ("x", "y")))
ROWS.update(dict.fromkeys(("Softmax", "LogSoftmax"), ("logits",)))
ROWS.update(dict.fromkeys(("AvgPool", "BiasAdd"), ("value",)))
ROWS.update(dict.fromkeys(["Conv2D", "Conv3D", "DepthwiseConv2dNative", "Dilation2D"], ("input",)))
ROWS.update(dict.fromkeys(["MaxPool", "AvgPool3D", "MaxPool3D", "LRN", "FFT", "RFFT", "IRFFT"], ("input",)))
ROWS.update(dict.fromkeys(["ResizeBilinear", "ResizeBicubic", "ResizeArea"], ("images",)))
ROWS.update(dict.fromkeys(("AdjustContrastv2", "ExtractImagePatches"), ("images",)))
ROWS["MatMul"] = ("a",)
ROWS["SoftmaxCrossEntropyWithLogits"] = ("features", "labels")
ROWS["GRUBlockCell"] = ("x", "h_prev")
ROWS["LSTMBlockCell"] = ("x", "cs_prev", "h_prev")
"""Operators whose first axis holds independent rows, and the inputs that have that axis."""
PREFERRED = ("float32", "complex64", "int32", "int64")
HALF = "bfloat16"
"""Measured beside the preferred dtype for the operators of `ROWS`: compilers have kernels of their own for it."""


def cases(operators, wanted=()):
    """`Operator dtype` to (placeholder, generic sample): the most common dtype's first sample, and HALF."""
    chosen = {}
    for operator, entry in operators.items():
        if operator in FREE or any(part in operator for part in DRAWS):
            continue
        for dtype in _dtypes(operator, entry["dtypes"]):
            key = "%s %s" % (operator, dtype)
            if not wanted or key in wanted:
                chosen[key] = (entry["for"], entry["samples"][entry["dtypes"][dtype][0]])
    return chosen


def _dtypes(operator, known):
    preferred = [name for name in PREFERRED if name in known] or list(known)
    return preferred[:1] + [HALF] * (operator in ROWS and HALF in known and preferred[0] != HALF)
