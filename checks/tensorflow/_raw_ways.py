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
ROWS = dict.fromkeys(("BatchMatMulV2", "BatchMatMulV3", "Atan2", "Pow"), ("x", "y"))
ROWS.update(
    dict.fromkeys(
        ["Tanh", "Sigmoid", "Exp", "Log1p", "Sin", "Erf", "Lgamma", "Digamma", "Sqrt", "Rsqrt", "Expm1"], ("x",)
    )
)
ROWS.update(dict.fromkeys(("Relu", "Elu", "Selu", "Softplus"), ("features",)))
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


def cases(operators, wanted=()):
    """`Operator dtype` to (entry's placeholder, generic sample): the first sample in the most common dtype."""
    chosen = {}
    for operator, entry in operators.items():
        if operator in FREE or any(part in operator for part in DRAWS):
            continue
        dtypes = [name for name in PREFERRED if name in entry["dtypes"]] or list(entry["dtypes"])
        key = "%s %s" % (operator, dtypes[0])
        if not wanted or key in wanted:
            chosen[key] = (entry["for"], entry["samples"][entry["dtypes"][dtypes[0]][0]])
    return chosen
