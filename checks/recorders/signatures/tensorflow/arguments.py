"""
The inputs and attributes of an operator as a key and as a document, and statistics of eager inputs.

TensorFlow passes axes, shapes and the like as integer tensors. These are arguments and no data: their values are kept.
"""

from __future__ import annotations

UNKEPT = frozenset(("container", "shared_name", "seed", "seed2", "_XlaMustCompile", "config_proto", "executor_type"))
"""Attributes that name objects of a process, or seeds."""
UNDIGESTED = frozenset(("resource", "variant", "string"))
"""Dtypes of tensors that are not made again."""
_CHOOSING = (
    "axis reduction_indices dim dimension split_dim shape dims perm multiples paddings begin end strides size"
    " size_splits depth num_segments shift start limit delta input_sizes filter_sizes output_shape"
    " orig_input_shape block_shape crops k s0 s1 image_size fft_length num diag_index k0 num_lower num_upper"
    " target_shape data_batch_axis"
)
CHOOSING = frozenset(_CHOOSING.split())
"""Names of operators' arguments that choose what is computed, where they are integers."""
MOST_CHOOSING = 64
"""Elements of such an argument; a longer one is data."""
SAMPLE = 4096
MOST_TEXT = 200


class Choosing:
    """The places of the inputs that are arguments, by operator."""

    def __init__(self):
        from tensorflow.python.framework import op_def_registry, tensor_util

        self._definition, self._constant = op_def_registry.get, tensor_util.constant_value
        self._known = {}

    def values(self, name, inputs):
        """Place of an input to its values as a flat list; None for those that are not known before a graph runs."""
        places = self._known.get((name, len(inputs)))
        if places is None:
            places = self._known[name, len(inputs)] = self._places(name, len(inputs))
        return {place: self._values(inputs[place]) for place in places if _may_choose(inputs[place])}

    def _places(self, name, count):
        definition = self._definition(name)
        if definition is None:
            return ()
        names = [one.name for one in definition.input_arg]
        several = [n for n, one in enumerate(definition.input_arg) if one.number_attr or one.type_list_attr]
        if len(several) > 1:
            return ()
        if several:
            names[several[0] : several[0] + 1] = [""] * (count - len(names) + 1)
        return tuple(place for place, one in enumerate(names) if one in CHOOSING)

    def _values(self, tensor):
        plain = tensor._numpy_internal() if hasattr(tensor, "_numpy_internal") else self._constant(tensor)
        if plain is not None:
            return [int(one) for one in plain.reshape(-1)]
        made_by = getattr(tensor, "op", None)
        if made_by is None or made_by.type != "ShapeN":  # in gradients; TensorFlow's own function knows `Shape` alone
            return None
        shape = made_by.inputs[tensor.value_index].shape
        return [int(side) for side in shape] if shape.is_fully_defined() else None


def _may_choose(tensor):
    if tensor.dtype.name not in ("int32", "int64") or tensor.shape.rank is None:
        return False
    return (tensor.shape.num_elements() or 0) <= MOST_CHOOSING


def key(inputs, attrs, chosen):
    """A hashable key."""
    told = tuple((place, tuple(values or ())) for place, values in chosen.items())
    return tuple(_input(one) for one in inputs), repr(dict(_pairs(attrs))), told


def document(inputs, attrs, chosen):
    """[inputs, attributes] as JSON."""
    return [[_described(one, chosen, place) for place, one in enumerate(inputs)], dict(_pairs(attrs))]


def _input(tensor):
    shape = tensor.shape
    return tensor.dtype.name, tuple(shape.as_list()) if shape.rank is not None else None


def _described(tensor, chosen, place):
    dtype, shape = _input(tensor)
    if shape is None or None in shape:
        known = [side if side is not None else -1 for side in shape or ()]
        return {"tensor": dtype, "shape": known, "opaque": "a tensor whose shape is known only when it runs"}
    told = {"tensor": dtype, "shape": list(shape)}
    if dtype in UNDIGESTED:
        return dict(told, opaque="a tensor of dtype %s" % dtype)
    if place in chosen and chosen[place] is None:
        return dict(told, opaque="a shape or axis that is known only when it runs")
    return dict(told, values=chosen[place]) if place in chosen else told


def _pairs(attrs):
    for name, value in zip(attrs[::2], attrs[1::2]) if attrs else ():
        name_ = name.decode() if isinstance(name, bytes) else name
        if name_ not in UNKEPT and value is not None:
            yield name_, _told(value)


def _told(value):
    """An attribute as JSON: of an eager call a Python value, in a graph a message."""
    if hasattr(value, "WhichOneof"):
        return _of_message(value)
    if isinstance(value, (bool, int, str)):
        return value[:MOST_TEXT] if isinstance(value, str) else value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")[:MOST_TEXT]
    if hasattr(value, "as_datatype_enum"):
        return {"dtype": value.name}
    if isinstance(value, (list, tuple)):
        return [_told(one) for one in value]
    if hasattr(value, "as_list") and getattr(value, "rank", None) is not None:
        return value.as_list()
    return {"opaque": type(value).__name__}


def _of_message(value):
    from tensorflow.python.framework import dtypes

    kind = value.WhichOneof("value")
    found = getattr(value, kind) if kind else None
    if kind == "type":
        return {"dtype": dtypes.as_dtype(found).name}
    if kind == "shape":
        return {"opaque": "shape"} if found.unknown_rank else [side.size for side in found.dim]
    if kind != "list":
        return _told(found) if kind in ("s", "i", "f", "b") else {"opaque": "%s" % kind}
    parts = found.ListFields()
    if not parts:
        return []
    if len(parts) > 1 or parts[0][0].name not in ("s", "i", "f", "b", "type"):
        return {"opaque": "list"}
    values = list(parts[0][1])
    if parts[0][0].name == "type":
        return [{"dtype": dtypes.as_dtype(one).name} for one in values]
    return [_told(one) for one in values]


def statistics(inputs, before):
    """Statistics of the values of eager inputs, merged with those of an earlier call."""
    found = [_of(one) for one in inputs]
    if not before:
        return found
    return [_merged(old, new) for old, new in zip(before, found)]


def _merged(old, new):
    if old is None or new is None:
        return new or old
    return dict(new, min=min(old["min"], new["min"]), max=max(old["max"], new["max"]))


def _of(tensor):
    import numpy

    if tensor.dtype.name in UNDIGESTED or not hasattr(tensor, "_numpy_internal"):
        return None
    try:
        values = numpy.asarray(tensor._numpy_internal()).reshape(-1)
    except Exception:  # a tensor without values that NumPy can hold
        return None
    if not values.size:
        return None
    values = values[:: max(1, -(-values.size // SAMPLE))]
    integers = values.dtype.kind in "iub"
    values = values.astype(numpy.int64 if integers else numpy.complex128 if values.dtype.kind == "c" else numpy.float64)
    if values.dtype.kind == "c":
        values = numpy.concatenate([values.real, values.imag])
    return of_array(numpy, values, integers)


def of_array(numpy, values, integers):
    """Statistics of a sample: int64 or float64."""
    finite = numpy.isfinite(values)
    good = values[finite]
    count = values.size
    found = {
        "min": (int if integers else float)(good.min()) if good.size else 0,
        "max": (int if integers else float)(good.max()) if good.size else 0,
        "zeros": float((values == 0).mean()),
        "negative": float((values < 0).mean()),
        "nonfinite": float(1 - finite.mean()),
    }
    if integers:
        _, counts = numpy.unique(values, return_counts=True)
        ordered = bool((values[1:] >= values[:-1]).all())
        found.update(sampled=count, distinct=int(counts.size), top=float(counts.max() / count), sorted=ordered)
    elif good.size:
        found.update(mean=float(good.mean()), spread=float(good.std()))
    return found
