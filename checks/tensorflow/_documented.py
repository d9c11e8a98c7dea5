"""
Operators of TensorFlow with documented nondeterminism: data, with source and version.

A key is the name in `tf.raw_ops`. The docstrings of release 2.21, all 1462, were searched for what they leave open
or undefined. The other sources are the design of the determinism switch and the release notes of its release.
"""

from __future__ import annotations

VERSION = "2.21.0"
"""The release whose docstrings were searched."""

DOCSTRING = "docstring of tf.raw_ops.%s in TensorFlow 2.21"
SWITCH = "https://www.tensorflow.org/api_docs/python/tf/config/experimental/enable_op_determinism"
"""Names softmax_cross_entropy_with_logits on GPU, random operators without seeds, and unnamed bugs."""
DESIGN = "https://github.com/tensorflow/community/blob/master/rfcs/20210119-determinism.md"
"""The operators known to differ from run to run on a GPU when the switch was designed (March 2021)."""
RELEASE = "https://github.com/tensorflow/tensorflow/releases/tag/v2.8.0"
"""Which of them are deterministic under the switch since 2.7; without the switch nothing changed."""

RANDOM_BY_CONTRACT = {
    "NonDeterministicInts": DOCSTRING % "NonDeterministicInts",
    "Timestamp": DOCSTRING % "Timestamp",
    "Batch": DOCSTRING % "Batch",
}
"""Operators that draw: no check compares bits of their calls."""

OPERATORS = {
    "ScatterNd": DOCSTRING % "ScatterNd",
    "TensorScatterUpdate": DOCSTRING % "TensorScatterUpdate",
    "ScatterUpdate": DOCSTRING % "ScatterUpdate",
    "ParallelDynamicStitch": DOCSTRING % "ParallelDynamicStitch",
}
"""Results that may change from run to run, on any device, where several indices are equal."""

ON_GPU = {
    "SoftmaxCrossEntropyWithLogits": SWITCH,
    "SparseSoftmaxCrossEntropyWithLogits": DESIGN,
    "SegmentSum": DESIGN,
    "SegmentMean": RELEASE,
    "SegmentProd": RELEASE,
    "UnsortedSegmentSum": DESIGN,
    "UnsortedSegmentProd": DESIGN,
    "CropAndResizeGradImage": DESIGN,
    "CropAndResizeGradBoxes": DESIGN,
    "ResizeNearestNeighborGrad": DESIGN,
    "ResizeBilinearGrad": DESIGN,
    "SparseTensorDenseMatMul": DESIGN,
    "AdjustContrastv2": DESIGN,
    "FusedBatchNormGradV3": DESIGN,
    "BiasAddGrad": DESIGN,
    "Conv2DBackpropFilter": DESIGN,
    "Conv2DBackpropInput": DESIGN,
    "Conv3DBackpropFilterV2": DESIGN,
    "Conv3DBackpropInputV2": DESIGN,
    "MaxPoolGrad": DESIGN,
    "MaxPool3DGrad": DESIGN,
    "DepthwiseConv2dNativeBackpropFilter": "https://github.com/tensorflow/community/pull/386",
    "CTCLoss": DESIGN,
    "TensorScatterAdd": RELEASE,
    "TensorScatterSub": RELEASE,
}
"""Results that may change from run to run on a GPU while the determinism switch is off."""
