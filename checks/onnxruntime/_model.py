"""Shared by the checks of ONNX Runtime: a model built in memory, sessions, and operators whose threads may race."""

from __future__ import annotations

import os

from ..fingerprint import digest

ROWS, SIDE, CHANNELS, WIDTH, CLASSES = 8, 32, 32, 256, 10
REDUCTION = CHANNELS * (SIDE // 4) ** 2
"""Elements summed behind a value of the hidden layer; the longer sum over all features is computed in blocks."""
OPSET, FILE_VERSION = 20, 9
"""The opset version: supported by ONNX Runtime 1.17 and newer."""


def threads(settings):
    """The session's number of intra-op threads: 0, its default, unless the settings say otherwise."""
    return int(settings.get("threads", 0))


def usable_threads(settings):
    """The resulting number of threads: the default is one for each processor that this process may use."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return threads(settings) or processors


def outputs(model, feeds, settings, level="ORT_ENABLE_ALL", calls=1):
    """Digest of each output of a new session by name, over all its calls."""
    found = run(model, feeds, settings, level, calls)
    return {name: digest([call[name] for call in found]) for name in found[0]}


def run(model, feeds, settings, level="ORT_ENABLE_ALL", calls=1):
    """The outputs by name of each call."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads(settings)
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    options.log_severity_level = 3  # errors only: the duplicate indices that it warns about are intended
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return [dict(zip(names, session.run(None, feeds))) for _ in range(calls)]


def classifier(dtype="float32"):
    """A small image model: convolution, batch norm, pool, dense, layer norm, GELU, softmax, and a long sum."""
    from onnx import helper, numpy_helper

    image = [ROWS, 3, SIDE, SIDE]
    steps = (
        ("Conv", "image kernel bias", "seen", {"pads": [1, 1, 1, 1]}),
        ("BatchNormalization", "seen scale shift mean variance", "normed", {}),
        ("Relu", "normed", "features", {}),
        ("AveragePool", "features", "pooled", {"kernel_shape": [4, 4], "strides": [4, 4]}),
        ("Flatten", "pooled", "flat", {}),
        ("MatMul", "flat hidden_kernel", "product", {}),
        ("Add", "product hidden_bias", "hidden", {}),
        ("LayerNormalization", "hidden layer_scale layer_shift", "layered", {}),
        ("Gelu", "layered", "bent", {}),
        ("MatMul", "bent head", "scores", {}),
        ("Softmax", "scores", "classes", {}),
        ("ReduceSum", "features", "total", {"keepdims": 0}),
    )
    nodes = [
        helper.make_node(operator, takes.split(), [gives], name=gives, **attributes)
        for operator, takes, gives, attributes in steps
    ]
    constants = [numpy_helper.from_array(array.astype(dtype), name) for name, array in _constants().items()]
    results = {"classes": [ROWS, CLASSES], "scores": [ROWS, CLASSES], "total": []}
    return _model(nodes, {"image": image}, results, constants, dtype)


def _constants():
    """The parameters, by name, from a separate NumPy generator."""
    import numpy

    draws = numpy.random.RandomState(7)
    flat = CHANNELS * (SIDE // 4) ** 2
    shapes = {
        "kernel": (CHANNELS, 3, 3, 3),
        "bias": (CHANNELS,),
        "scale": (CHANNELS,),
        "shift": (CHANNELS,),
        "mean": (CHANNELS,),
        "variance": (CHANNELS,),
        "hidden_kernel": (flat, WIDTH),
        "hidden_bias": (WIDTH,),
        "layer_scale": (WIDTH,),
        "layer_shift": (WIDTH,),
        "head": (WIDTH, CLASSES),
    }
    drawn = {name: 0.2 * draws.standard_normal(shape).astype("float32") for name, shape in shapes.items()}
    return dict(drawn, variance=1 + drawn["variance"] ** 2)


def image():
    """The input of the classifier."""
    import numpy

    return {"image": numpy.random.RandomState(8).standard_normal((ROWS, 3, SIDE, SIDE)).astype("float32")}


def single(operator, feeds, **attributes):
    """A model of one operator, whose output has the shape of its first input."""
    from onnx import helper

    node = helper.make_node(operator, list(feeds), ["result"], **attributes)
    kinds = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in feeds.items()}
    inputs = [helper.make_tensor_value_info(name, kind, feeds[name].shape) for name, kind in kinds.items()]
    return _made(helper.make_graph([node], operator, inputs, [helper.make_tensor_value_info("result", 1, None)]))


def _model(nodes, inputs, results, constants, dtype):
    import numpy
    from onnx import helper

    kind = helper.np_dtype_to_tensor_dtype(numpy.dtype(dtype))
    given = [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()]
    wanted = [helper.make_tensor_value_info(name, kind, shape) for name, shape in results.items()]
    return _made(helper.make_graph(nodes, "classifier", given, wanted, constants))


def _made(graph):
    from onnx import helper

    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=FILE_VERSION)
