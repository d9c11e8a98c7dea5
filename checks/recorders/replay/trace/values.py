"""
Digests of Python values, computed without calling the user's code: no `repr`, no `==`, no property.

A plain value counts by its content, a set regardless of its order, an object of a class of the user's by its
attributes. Any other object is opaque: only the name of its type counts.
"""

from __future__ import annotations

import collections
import struct
import sys
import types

MOST_ITEMS, MOST_DEPTH, MOST_BYTES = 4096, 6, 1 << 20
"""Limits: items of a container (half from each end), depth of nesting, encoded bytes of one value."""
MOST_ARRAY_BYTES = 1 << 26
NO_STATE = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)
ATOMS = frozenset((type(None), bool, int, float, complex, str, bytes))
BAGS = (("subprocess", "CompletedProcess"), ("types", "SimpleNamespace"), ("argparse", "Namespace"))
"""Classes of the standard library whose attributes are their whole content."""
DATES = ("datetime", "date", "time", "timedelta")


class ValueDigester:
    """Computes digests of values. `of_bytes` digests bytes; `is_users` tells whether a file is the user's."""

    def __init__(self, of_bytes, is_users):
        self._of_bytes, self._is_users = of_bytes, is_users
        self._classes = {}
        self.orders = {}
        """For objects without content (futures): id to a label."""

    def of(self, value):
        """(digest, whether the value is opaque)."""
        out = bytearray()
        opaque = self._put(out, value, MOST_DEPTH)
        return self._of_bytes(bytes(out)), opaque

    def _put(self, out, value, depth):
        """Append the canonical encoding of a value; returns whether it is opaque."""
        kind = type(value)
        if kind in ATOMS:
            self._atom(out, kind, value)
            return False
        out += name_of(kind).encode("utf-8", "backslashreplace") + b"\x01"
        if kind in NO_STATE or depth == 0 or len(out) > MOST_BYTES:
            return True
        if issubclass(kind, (list, tuple, collections.deque)):
            base = next(one for one in (list, tuple, collections.deque) if issubclass(kind, one))
            self._many(out, list(base.__iter__(value)), depth)
        elif issubclass(kind, dict):
            self._many(out, [part for pair in list(dict.items(value)) for part in pair], depth)
        elif issubclass(kind, (set, frozenset)):
            self._unordered(out, list((set if issubclass(kind, set) else frozenset).__iter__(value)), depth)
        else:
            return self._other(out, kind, value, depth)
        return False

    def _atom(self, out, kind, value):
        if kind is str:
            data = value.encode("utf-8", "surrogatepass")
        elif kind is int:
            data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
        else:
            data = value if kind is bytes else struct.pack("<d", value) if kind is float else repr(value).encode()
        self._bytes(out, kind, data)

    def _bytes(self, out, kind, data):
        if len(data) > 64:
            data = b"#%d %d" % (len(data), self._of_bytes(data))
        out += b"%s %d " % (name_of(kind).encode(), len(data)) + data

    def _many(self, out, items, depth):
        out += b"[%d " % len(items)
        if len(items) > MOST_ITEMS:
            items = items[: MOST_ITEMS // 2] + items[-MOST_ITEMS // 2 :]
        for item in items:
            self._put(out, item, depth - 1)
        out += b"]"

    def _unordered(self, out, items, depth):
        parts = []
        for item in items if len(items) <= MOST_ITEMS else ():
            part = bytearray()
            self._put(part, item, depth - 1)
            parts.append(bytes(part))
        out += b"{%d " % len(items) + b"".join(sorted(parts)) + b"}"

    def _other(self, out, kind, value, depth):
        """Append arrays, dates, paths, folder entries, generators, futures, or objects of the user's classes."""
        module, name = _module_of(kind), name_of(kind)
        if module == "numpy":
            return self._of_numpy(out, kind, value, depth)
        state = _generator_state(module, name, value)
        if state is not None:
            return self._put(out, state, depth)
        for base in (int, float, str, bytes):
            if issubclass(kind, base):
                self._atom(out, base, _plain(base, value))
                return False
        if module == "datetime" and name in DATES:
            self._bytes(out, bytes, repr([one for one in value.__reduce__()[1] if type(one) in (bytes, int)]).encode())
            return False
        if module == "posix" and name == "DirEntry":
            return self._put(out, value.name, depth)
        if name in ("PosixPath", "PurePosixPath") and module.startswith("pathlib"):
            return self._put(out, str(value), depth)
        if module == "uuid" and name == "UUID":
            return self._put(out, value.int, depth)
        told = self.orders.get(id(value))
        if told is not None:
            out += told
            return False
        return self._of_object(out, kind, value, depth)

    def _of_numpy(self, out, kind, value, depth):
        numpy = sys.modules.get("numpy")
        if numpy is None or not issubclass(kind, (numpy.ndarray, numpy.generic)):
            return True
        if name_of(kind) != "ndarray" and not issubclass(kind, numpy.generic):
            return True
        if value.dtype.hasobject or value.nbytes > MOST_ARRAY_BYTES:
            return True
        if value.dtype.names is not None:  # between its fields there may be bytes that are never written
            return self._put(out, {name: value[name] for name in value.dtype.names}, depth - 1)
        out += str((value.dtype.str, value.shape)).encode()
        self._bytes(out, bytes, value.tobytes())
        return False

    def _of_object(self, out, kind, value, depth):
        known = self._classes.get(id(kind))
        if known is None:
            known = self._classes[id(kind)] = kind, self._is_users_class(kind)
        if not known[1]:
            return True
        attributes = object.__getattribute__(value, "__dict__")
        self._many(out, [part for pair in list(dict.items(attributes)) for part in pair], depth)
        return False

    def _is_users_class(self, kind):
        """Whether it is a class of the user's whose attributes are an ordinary dictionary, or one of `BAGS`."""
        name = _module_of(kind)
        if (name, name_of(kind)) in BAGS:
            return True
        module = sys.modules.get(name)
        file = vars(module).get("__file__") if type(module) is types.ModuleType else None
        file = file or ("<stdin>" if name == "__main__" else None)  # from `python -c`, or typed at a prompt
        if type(file) is not str or not self._is_users(file):
            return False
        spaces = [type.__dict__["__dict__"].__get__(base) for base in type.__dict__["__mro__"].__get__(kind)]
        entries = [space["__dict__"] for space in spaces if "__dict__" in space]
        return bool(entries) and all(type(one) is types.GetSetDescriptorType for one in entries)


def _generator_state(module, name, value):
    """The state of a random generator of NumPy's or Python's; None for any other object."""
    if module == "random" and name == "Random":
        return value.getstate()
    if not module.startswith("numpy.random."):
        return None
    if name == "RandomState":
        return value.get_state(legacy=False)
    return value.bit_generator.state if name == "Generator" else getattr(value, "state", None)


def name_of(kind):
    """A class's name, read without calling its metaclass."""
    return type.__dict__["__name__"].__get__(kind)


def _module_of(kind):
    module = type.__dict__["__module__"].__get__(kind)
    return module if type(module) is str else ""


def _plain(base, value):
    """The value as its base type, converted by the base type's own method."""
    if base in (int, float):
        return base.__pos__(value)
    return base.__getitem__(value, slice(None)) if base is str else bytes.__getitem__(value, slice(None))
