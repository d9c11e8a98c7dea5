"""
The fast hook of the base tier for TensorFlow's eager operations. It writes the same records as `ops.py`.

It runs for every operation of the program, and a small operation takes about ten microseconds. So ids of operators,
tensor types and lines are cached, and only the common case is handled here.
"""

from __future__ import annotations

import sys

from ..trace import digests
from ..trace.format import METAS, NAMES, OP

SMALL_BYTES = 1 << 12
"""Below this size, copying an array costs less than asking for its address."""


def hook(recorder, process, sites, function):
    """A callback for `op_callbacks`. Other than common cases are passed to `recorder.seen`."""
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
    """Caches of a stream's ids of names, sites and metas, by keys that are cheap to compute."""
    found = stream.tensorflow = {}, {}, {}
    return found
