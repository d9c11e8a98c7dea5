"""
The arguments of a call as a hashable key, and as a document from which the call can be built again.

Tensors count by dtype, shape, strides and device, never by their values. Scalars that are operands (`add(x, 0.5)`, a
learning rate) do not distinguish signatures either: a program passes another one in each step. Integers, flags and
texts do, since they choose dimensions and kernels.
"""

from __future__ import annotations

LOOSE_TYPES = ("number", "float", "complex", "Tensor")
"""Types in a schema whose arguments are operands and no choices; of those of the last, only what is no tensor."""
NUMBERS = frozenset((bool, int, float, complex))
MOST_ITEMS = 512
"""Tensors of a list that are described; a longer list cannot be built again."""


class Described:
    """Describes arguments of operators of this torch."""

    def __init__(self, torch):
        self._torch = torch
        self._tensor = torch.Tensor
        self._plain = frozenset((torch.Tensor, torch.nn.Parameter))

    def loose(self, func):
        """The names and positions of arguments that do not distinguish signatures."""
        found = set()
        schema = getattr(func, "_schema", None)
        for place, argument in enumerate(schema.arguments if schema is not None else ()):
            told = str(argument.type)
            if any(told in (one, "Optional[%s]" % one, "List[%s]" % one) for one in LOOSE_TYPES):
                found |= {place, argument.name}
        return frozenset(found)

    def key(self, loose, args, kwargs):
        """A hashable key of the arguments."""
        plain, one = self._plain, self._one
        found = []
        for place, value in enumerate(args):
            if value.__class__ in plain and value.layout is self._torch.strided and not value.is_nested:
                found.append((value.dtype, value.shape, value.stride(), value.device))
            elif place in loose and value.__class__ in NUMBERS:
                found.append(value.__class__)
            else:
                found.append(one(value))
        for name, value in kwargs.items():
            number = name in loose and value.__class__ in NUMBERS
            found.append((name, value.__class__ if number else one(value)))
        return tuple(found)

    def _one(self, value):
        kind = value.__class__
        if isinstance(value, self._tensor):
            if kind not in self._plain or value.is_nested or value.layout is not self._torch.strided:
                return kind, value.dtype, value.layout, value.is_nested, value.shape if not value.is_nested else None
            return value.dtype, value.shape, value.stride(), value.device
        if kind in (list, tuple):
            return tuple([self._one(part) for part in value])
        if kind in (int, bool, str, type(None)):
            return kind, value
        if kind in NUMBERS:
            return kind
        return kind, str(value) if kind.__module__ == "torch" and "object at" not in str(value) else None

    # ------------------------------------------------------------------------------------------------------- document

    def document(self, args, kwargs):
        """[positional arguments, keyword arguments], as JSON."""
        named = {name: self.described(value) for name, value in kwargs.items()}
        return [[self.described(value) for value in args], named]

    def described(self, value):
        """One argument as JSON; what cannot be built again is `opaque`, with the reason."""
        torch = self._torch
        if isinstance(value, self._tensor):
            return self._tensor_of(value)
        if isinstance(value, (list, tuple)):
            if len(value) > MOST_ITEMS:
                return {"opaque": "a list of %d items" % len(value)}
            return {"list": [self.described(one) for one in value]}
        if value is None or isinstance(value, (bool, int, str)):
            return {"value": value} if not isinstance(value, int) or abs(value) < 2**53 else {"integer": hex(value)}
        if isinstance(value, float):
            return {"float": value.hex()}
        for kind in ("dtype", "device", "layout", "memory_format"):
            if isinstance(value, getattr(torch, kind)):
                return {kind: str(value)}
        if isinstance(value, torch.Generator):
            return {"generator": str(value.device)}
        return {"opaque": type(value).__name__}

    def _tensor_of(self, value):
        kind = type(value)
        if kind not in self._plain:
            return {"opaque": "a tensor of the class %s" % kind.__name__}
        if value.is_nested or value.layout is not self._torch.strided:
            return {"opaque": "a %s tensor" % ("nested" if value.is_nested else str(value.layout))}
        if value.is_quantized:
            return {"opaque": "a quantised tensor"}
        return tensor_document(value)


def tensor_document(value):
    """A strided tensor, real or fake, as JSON."""
    return {
        "tensor": str(value.dtype).replace("torch.", ""),
        "shape": [int(side) for side in value.shape],
        "strides": [int(step) for step in value.stride()],
        "device": value.device.type,
    }
