"""
The fast hook of the base tier for TensorFlow's eager operations. It writes the same records as `ops.py`.

It runs for every operation of the program, and a small operation takes about ten microseconds. So ids of operators,
tensor types and lines are cached, and only the common case is handled here.
"""

from __future__ import annotations

import sys

from ..trace.format import METAS, NAMES, OP

SMALL_BYTES = 1 << 12
"""Below this size, copying an array costs less than asking for its address."""


def hook(recorder, process, sites, function):
    """A callback for `op_callbacks`. Other than common cases are passed to `recorder.seen`."""
    slow, steady, local, tasks = recorder.seen, recorder.steady, recorder.local, process._local
    handles, meta_of, of_array = recorder.tensors.handles, recorder.tensors.meta, recorder.tensors.of_array
    string = recorder.tensors.string
    line, caller, of_bytes = sites.line, sys._getframe, function.of_bytes
    device_of = _device_name()

    def seen(op_type, inputs, attrs, outputs, op_name=None, graph=None):  # noqa: PLR0917 - TensorFlow's
        if graph is not None or op_type not in steady or len(outputs) != 1 or local.busy:
            return slow(op_type, inputs, attrs, outputs, op_name, graph)
        try:
            task = getattr(tasks, "task", None)
            stream = task._stream if task is not None else None
            if stream is None:
                return slow(op_type, inputs, attrs, outputs, op_name, graph)
            names, lines, metas = getattr(stream, "tensorflow", None) or _caches(stream)
            tensor = outputs[0]
            kind = tensor._datatype_enum()
            if kind == string:
                return slow(op_type, inputs, attrs, outputs, op_name, graph)
            key = kind, tensor._shape_tuple(), device_of(tensor)
            known = metas.get(key)
            if known is None:
                small = kind not in handles and _is_small(tensor._numpy_internal())
                known = metas[key] = stream.define(METAS, meta_of(tensor)), small
            meta, small = known
            digest = 0
            if small:
                data = tensor._numpy_internal().tobytes()
                digest = of_bytes(data, len(data))
            elif kind not in handles:
                digest = of_array(tensor._numpy_internal())
            name = names.get(op_type)
            if name is None:
                name = names[op_type] = stream.define(NAMES, "tf." + op_type)
            stream.append(OP, 0, 0, name, line(stream, lines, caller(1)), meta, digest)
        except Exception as problem:
            process.problem(problem)
        return None

    return seen


def _is_small(array):
    """Whether arrays of this dtype and shape are copied to be digested."""
    return getattr(array, "nbytes", SMALL_BYTES) < SMALL_BYTES and not array.dtype.hasobject


def _device_name():
    """The method behind the property `device` of eager tensors, which saves a call in Python; else the property."""
    from tensorflow.python.framework import ops

    return getattr(ops.EagerTensor, "_device_name", None) or (lambda tensor: tensor.device)


def _caches(stream):
    """Caches of a stream's ids of names, sites and metas, by keys that are cheap to compute."""
    found = stream.tensorflow = {}, {}, {}
    return found
