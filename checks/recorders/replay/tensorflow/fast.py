"""
The base tier's hook of TensorFlow's eager operations: the same records as `tensorflow_ops.py` writes, for less.

It runs for every operation of the program, and a small one takes some ten microseconds: what is known of an operator,
of a kind of tensor and of a line is looked up. Whatever is not the common case goes the other way.
"""

from __future__ import annotations

import sys

from ..trace import digests
from ..trace.format import METAS, NAMES, OP

SMALL_BYTES = 1 << 12
"""Up to here a copy of the bytes costs less than to ask where they lie."""


def hook(recorder, process, sites, function):
    """A callback for `op_callbacks`. `recorder` takes what is not the common case."""
    slow, steady, local, tasks = recorder.seen, recorder.steady, recorder.local, process._local
    handles, meta_of, of_array = recorder.tensors.handles, recorder.tensors.meta, recorder.tensors.of_array
    string = recorder.tensors.string
    line, caller, of_bytes = sites.line, sys._getframe, digests.of_bytes

    def seen(op_type, inputs, attrs, outputs, op_name=None, graph=None):  # noqa: PLR0917 - TensorFlow's
        if graph is not None or op_type not in steady or len(outputs) != 1 or getattr(local, "busy", False):
            return slow(op_type, inputs, attrs, outputs, op_name, graph)
        try:
            stream = getattr(tasks, "task", None) and tasks.task._stream
            if stream is None:
                return slow(op_type, inputs, attrs, outputs, op_name, graph)
            names, lines, metas = getattr(stream, "tensorflow", None) or _caches(stream)
            tensor = outputs[0]
            kind = tensor._datatype_enum()
            if kind == string:
                return slow(op_type, inputs, attrs, outputs, op_name, graph)
            key = kind, tensor._shape_tuple(), tensor.device
            meta = metas.get(key)
            if meta is None:
                meta = metas[key] = stream.define(METAS, meta_of(tensor))
            digest = 0
            if kind not in handles:
                array = tensor._numpy_internal()
                small = getattr(array, "nbytes", SMALL_BYTES) < SMALL_BYTES and not array.dtype.hasobject
                digest = of_bytes(function, array.tobytes()) if small else of_array(array)
            name = names.get(op_type)
            if name is None:
                name = names[op_type] = stream.define(NAMES, "tf." + op_type)
            stream.append(OP, 0, 0, name, line(stream, lines, caller(1)), meta, digest)
        except Exception as problem:
            process.problem(problem)
        return None

    return seen


def _caches(stream):
    """Ids of names, sites and metas that a stream has given, by what is quickly known of an operation."""
    found = stream.tensorflow = {}, {}, {}
    return found
