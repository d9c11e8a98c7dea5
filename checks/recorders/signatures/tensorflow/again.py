"""Calls one of TensorFlow's operators again, eagerly; of one inside a `tf.function` too, as it has the same kernels."""

from __future__ import annotations

from ....declare import NotApplicable
from ....tensorflow import _raw_canary
from .. import calls, grid, numpy_made
from .arguments import UNDIGESTED


class Again:
    """One signature, ready to be called."""

    def __init__(self, signature):
        import numpy
        import tensorflow
        from tensorflow.python.eager import context, execute
        from tensorflow.python.framework import op_def_registry

        self._numpy, self._tf = numpy, tensorflow
        self._context, self._execute = context.context(), execute.execute
        self._name = signature["operator"].partition(".")[2]
        self._definition = op_def_registry.get(self._name)
        if self._definition is None:
            raise NotApplicable("the operator %s is not registered here" % signature["operator"])
        inputs, attributes = signature["arguments"]
        statistics = list(signature.get("statistics") or [])
        self._arrays = [
            self._array(one, statistics[place] if place < len(statistics) else None, place + 1)
            for place, one in enumerate(inputs)
        ]
        self._attributes = {name: self._attribute(value) for name, value in attributes.items()}
        self._draws = any(one.name == "seed2" for one in self._definition.attr)
        if self._draws:
            self._attributes.update(seed=grid.SEED, seed2=grid.SEED)

    def _array(self, described, told, stream):
        if "opaque" in described:
            raise NotApplicable("it takes %s" % described["opaque"])
        dtype = self._tf.as_dtype(described["tensor"]).as_numpy_dtype
        if "values" in described:
            return self._numpy.array(described["values"], dtype).reshape(described["shape"])
        try:
            return numpy_made.array(self._numpy, self._numpy.dtype(dtype), described["shape"], told, stream)
        except grid.TooLarge as reason:
            raise NotApplicable(str(reason)) from reason

    def _attribute(self, value):
        if isinstance(value, list):
            return [self._attribute(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "float" in value:
            return float.fromhex(value["float"])
        if "dtype" in value:
            return self._tf.as_dtype(value["dtype"]).as_datatype_enum
        raise NotApplicable("it has an attribute that is not kept: %s" % value.get("opaque", "?"))

    def measured(self, arms):
        """The digests of the inputs and of every arm's calls."""
        return calls.measured(self._arrays, self._call, arms, lambda: _raw_canary.canaries(self._tf))

    def _call(self):
        """One call's outputs. A kernel that draws is made anew, since it would go on in its stream."""
        if self._draws:
            self._context.clear_kernel_cache()
        tensors = [self._tf.constant(one) for one in self._arrays]
        flat = [part for pair in self._attributes.items() for part in pair]
        outputs = self._execute(self._name, self._outputs(), tensors, tuple(flat), self._context)
        kinds = {one.dtype.name for one in outputs} & UNDIGESTED
        if kinds:
            raise NotApplicable("it gives a tensor of dtype %s" % min(kinds))
        return [one.numpy() for one in outputs]

    def _outputs(self):
        """How many tensors it gives."""
        count = 0
        for one in self._definition.output_arg:
            if one.number_attr:
                count += self._attributes[one.number_attr]
            elif one.type_list_attr:
                count += len(self._attributes[one.type_list_attr])
            else:
                count += 1
        return count
