"""
Writes the inputs and outputs of one operation of TensorFlow as files, when the request names that operation (`dump`).

The operation is eager or inside a function. TensorFlow calls back after an operation, so a variable is written with its
content after it. An error while dumping is written into the JSON; recording continues.
"""

from __future__ import annotations

import os
import sys

from .. import dump
from ..dump import FILE_MODE, MOST_BYTES


def wanted(process):
    """A Dump if the request of this run names an operation; else None."""
    place = dump.requested(process)
    return Dump(process, place) if place else None


class Dump:
    """Waits for one operation, and writes its inputs and outputs."""

    def __init__(self, process, place):
        self._process, self._place = process, place
        self._folder = os.path.join(process.folder, "dump")
        self._done = False
        self._left = MOST_BYTES

    def take(self, at, name, inputs, attrs, outputs):
        """Write the files if this was the requested operation."""
        if self._is_place(at, self._process.task):
            self._write(lambda: self._written(name, inputs, attrs, outputs))

    def take_inside(self, at, task, operation, arrays):
        """The same for an operation inside a function."""
        if operation is not None and self._is_place(at, task):
            self._write(lambda: self._written_inside(operation, arrays))

    def _is_place(self, at, task):
        place = self._place
        here = at == int(place["at"]) and self._process.lineage == place["lineage"] and task.ordinal == place["ordinal"]
        return here and not self._done

    def _write(self, written):
        self._done = True
        dump.save(self._folder, written)

    def _written(self, name, inputs, attrs, outputs):
        import tensorflow
        from tensorflow.python.framework import op_def_registry

        definition = op_def_registry.get(name)
        attributes = dict(zip(attrs[::2], attrs[1::2])) if attrs else {}
        given = [self._tensor(tensorflow, one, "input-%d.bin" % number) for number, one in enumerate(inputs)]
        changed = [one for one in inputs if one.dtype is tensorflow.resource]
        gave = [self._tensor(tensorflow, one, "output-%d.bin" % n) for n, one in enumerate([*outputs, *changed])]
        return self._document(tensorflow, definition, attributes, given, gave)

    def _written_inside(self, operation, arrays):
        import tensorflow

        if None in operation.order:
            raise TypeError("it reads a variable, a dataset or a table, whose content is unknown inside a function")
        given = [(arrays[place], place >= operation.variables_from) for place in operation.order]
        kept = [self._array(*one, "input-%d.bin" % number) for number, one in enumerate(given)]
        gave = [(one, False) for one in arrays[operation.outputs_from :]]
        kept_outputs = [self._array(*one, "output-%d.bin" % number) for number, one in enumerate(gave)]
        return self._document(tensorflow, operation.definition, operation.attributes, kept, kept_outputs)

    @staticmethod
    def _document(tensorflow, definition, attributes, given, gave):
        return {
            "framework": "tensorflow",
            "operator": definition.name,
            "arguments": _grouped(definition, attributes, len(given)),
            "attributes": _attributes(definition, attributes),
            "inputs": given,
            "outputs": gave,
            "draws": not attributes.get("seed", 1) and not attributes.get("seed2", 1),
            "tensorflow": str(tensorflow.__version__),
            "python": sys.executable,
        }

    def _tensor(self, tensorflow, tensor, name):
        """Write the file of a tensor or variable; returns its description."""
        variable = tensor.dtype is tensorflow.resource
        if tensor.dtype is tensorflow.variant:
            raise TypeError("a dataset, an iterator or a table cannot be kept")
        if variable:
            (told,) = tensor._handle_data.shape_and_type
            tensor = tensorflow.raw_ops.ReadVariableOp(resource=tensor, dtype=told.dtype)
        return dict(self._array(tensor.numpy(), variable, name), dtype=tensor.dtype.name)

    def _array(self, array, variable, name):
        if getattr(array, "dtype", None) is None or array.dtype.hasobject:
            raise TypeError("texts cannot be kept")
        self._left -= array.nbytes
        if self._left < 0:
            raise ValueError("its tensors have more than the %d bytes that are kept" % MOST_BYTES)
        handle = os.open(os.path.join(self._folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with open(handle, "wb") as file:
            file.write(array.tobytes())
        shape = [int(size) for size in array.shape]
        return {"file": name, "dtype": array.dtype.name, "shape": shape, "variable": variable}


class InsideOperation:
    """An operation inside a function: its definition, and the indices of its inputs among the arrays at run time."""

    def __init__(self, operation, given, outputs, handles):
        names = [one.name for one in given]
        self.outputs_from, self.variables_from = len(given), len(given) + outputs
        held = {one.name: self.variables_from + number for number, one in enumerate(handles)}
        self.order = [
            held.get(one.name, names.index(one.name) if one.name in names else None) for one in operation.inputs
        ]
        self.definition = operation.op_def
        self.attributes = {one.name: operation.get_attr(one.name) for one in operation.op_def.attr}


def _grouped(definition, attributes, count):
    """[name, number of inputs] of each argument; the number is None for an argument that is no list."""
    found = []
    for one in definition.input_arg:
        if one.number_attr:
            found.append([one.name, int(attributes[one.number_attr])])
        elif one.type_list_attr:
            found.append([one.name, len(attributes[one.type_list_attr])])
        else:
            found.append([one.name, None])
    if sum(1 if size is None else size for _, size in found) != count:
        raise ValueError("its arguments are of another number than its inputs")
    return found


def _attributes(definition, attributes):
    """The attributes that do not follow from the inputs, as JSON. Raises TypeError."""
    follows = set()
    for one in definition.input_arg:
        follows |= {one.type_attr, one.number_attr, one.type_list_attr}
    return {name: _plain(value) for name, value in attributes.items() if name not in follows}


def _plain(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return value.decode("ascii")
    if hasattr(value, "as_datatype_enum"):
        return int(value.as_datatype_enum)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    raise TypeError("an attribute of type %s cannot be kept" % type(value).__name__)
