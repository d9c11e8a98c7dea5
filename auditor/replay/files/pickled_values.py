"""The leaves of a pickle that was read as data: arrays of NumPy and PyTorch as such, sets in an order of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from .leaves import Array, Leaf, Undecodable, array, digest, quoted
from .pickles import Node

MOST_LEAVES = 1_000_000
MOST_DEPTH = 120
NUMPY_TYPES = {
    **{f"f{size}": f"float{8 * size}" for size in (2, 4, 8)},
    **{f"i{size}": f"int{8 * size}" for size in (1, 2, 4, 8)},
    **{f"u{size}": f"uint{8 * size}" for size in (1, 2, 4, 8)},
    "b1": "bool",
}
"""By kind and bytes, as `.npy` files and pickled types name them."""
_STORAGES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_TENSORS = ("_rebuild_tensor_v2", "_rebuild_tensor")
_WRAPPED = ("_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_from_type_v2")
Storage = Callable[[str, str], "Array | None"]
"""The bytes that a pickle of PyTorch names by (type, key)."""


def leaves(root: Any, storage: Storage = lambda _dtype, _key: None) -> Iterator[Leaf]:
    """A leaf for each value. Raises Undecodable if there are too many, or they lie too deep."""
    yield from _Walk(storage).of(root, "", 0)


class _Walk:
    def __init__(self, storage: Storage) -> None:
        self._storage, self._places, self._left = storage, dict[int, str](), MOST_LEAVES

    def of(self, value: Any, place: str, depth: int) -> Iterator[Leaf]:
        self._left -= 1
        if self._left < 0 or depth > MOST_DEPTH:
            raise Undecodable("the pickle holds too many values, or they lie too deep")
        if not isinstance(value, Node):
            yield Leaf(place, _atom(value))
            return
        if value.kind == "name":
            yield Leaf(place, str(value.items[0]))
            return
        known = self._places.setdefault(id(value), place)
        if known != place and (value.items or value.state is not None):  # also ends circles
            yield Leaf(place, f"the same as {known or 'the whole'}")
            return
        yield from self._node(value, place, depth + 1)

    def _node(self, value: Node, place: str, depth: int) -> Iterator[Leaf]:
        if value.kind == "dict":
            yield from self._pairs(value.items, place, depth)
        elif value.kind == "call":
            yield from self._call(value, place, depth)
        elif value.kind == "set":
            yield from self._set(value.items, place, depth)
        elif value.kind == "stored":
            yield Leaf(place, f"stored {_short(value.items[0])}")
        else:
            for number, one in enumerate(value.items):
                if value.kind == "more" and isinstance(one, tuple):
                    yield from self._pairs([one], place, depth)
                else:
                    yield from self.of(one, f"{place}[{number}]", depth)
        if not value.items and value.kind in {"list", "tuple", "dict", "set"}:
            yield Leaf(place, f"empty {value.kind}")

    def _pairs(self, pairs: list[Any], place: str, depth: int) -> Iterator[Leaf]:
        for key, one in pairs:
            yield from self.of(one, f"{place}[{_short(key)}]", depth)

    def _set(self, items: list[Any], place: str, depth: int) -> Iterator[Leaf]:
        """Their order follows from hashes, and is no content."""
        found = sorted(" ".join(leaf.line for leaf in self.of(one, "", depth)) for one in items)
        for number, text in enumerate(found):
            yield Leaf(f"{place}, member {number}", text)

    def _call(self, value: Node, place: str, depth: int) -> Iterator[Leaf]:
        name, arguments = _called(value)
        short = name.rpartition(".")[2]
        made = (
            _tensor(short, arguments, self._storage) or _numpy(name, arguments, value.state) or _moment(name, arguments)
        )
        if made is not None:
            yield Leaf(place, made)
            return
        if short in _WRAPPED and arguments:
            yield from self.of(arguments[0], place, depth)
            arguments = arguments[1:]
        elif name.startswith(("builtins.", "__builtin__.")) and short in {"set", "frozenset"} and arguments:
            yield from self._set(getattr(arguments[0], "items", []), place, depth)
            return
        elif name != "collections.OrderedDict":
            yield Leaf(place, f"{name}()")
        for number, one in enumerate([*arguments, *value.items[2:]]):
            if not (isinstance(one, Node) and not one.items and one.state is None):
                yield from self.of(one, f"{place}({number})", depth)
        if value.state is not None:
            yield from self.of(value.state, f"{place}.state" if not _is_plain(value.state) else place, depth)


def _is_plain(state: Any) -> bool:
    """Whether it is the attributes of an object or the items of a container: their names say enough."""
    return isinstance(state, Node) and state.kind in {"dict", "more"}


def _called(value: Node) -> tuple[str, list[Any]]:
    function, arguments = value.items[0], value.items[1]
    name = str(function.items[0]) if isinstance(function, Node) and function.kind == "name" else "a call"
    return name, list(arguments.items) if isinstance(arguments, Node) else []


def _tensor(name: str, arguments: list[Any], storage: Storage) -> str | Array | None:
    """A tensor of PyTorch, with the content of its storage."""
    if name not in _TENSORS or len(arguments) < 3 or not isinstance(arguments[0], Node):
        return None
    told = arguments[0].items[0] if arguments[0].kind == "stored" and arguments[0].items else None
    parts = told.items if isinstance(told, Node) else []
    if len(parts) < 3 or not isinstance(parts[1], Node) or parts[1].kind != "name":
        return None
    kind = str(parts[1].items[0]).rpartition(".")[2]
    content = storage(_STORAGES.get(kind, kind), str(parts[2]))
    shape = tuple(size for size in getattr(arguments[2], "items", []) if isinstance(size, int))
    whole = isinstance(parts[-1], int) and parts[-1] == _count(shape)
    if content is None:
        return None
    if whole and _is_row_major(arguments[3:4], shape):
        return Array(content.dtype, shape, content.digest, content.data, content.big_endian)
    view = f"{content.dtype}[{', '.join(map(str, shape))}] from {_short(arguments[1])}"
    strides = "x".join(str(one) for one in getattr(arguments[3], "items", [])) if len(arguments) > 3 else ""
    return f"{view} with strides {strides} of {content.digest}"


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _is_row_major(strides: list[Any], shape: tuple[int, ...]) -> bool:
    told = list(getattr(strides[0], "items", [])) if strides else []
    expected, step = [], 1
    for size in reversed(shape):
        expected.append(step)
        step *= max(size, 1)
    return told == expected[::-1] or any(size == 0 for size in shape)


def _numpy(name: str, arguments: list[Any], state: Any) -> Array | None:
    """An array or a number of NumPy."""
    if name.endswith("multiarray.scalar") and len(arguments) == 2 and isinstance(arguments[1], bytes):
        dtype, big = _dtype(arguments[0])
        return array(dtype, (), arguments[1], big_endian=big) if dtype else None
    parts = state.items if isinstance(state, Node) and state.kind == "tuple" else []
    if name.endswith("_reconstruct") and len(parts) == 5 and isinstance(parts[4], bytes):
        dtype, big = _dtype(parts[2])
        shape = tuple(size for size in getattr(parts[1], "items", []) if isinstance(size, int))
        return array(dtype or "other", shape, parts[4], big_endian=big)
    if name.endswith("_frombuffer") and len(arguments) == 4 and isinstance(arguments[0], (bytes, bytearray)):
        dtype, big = _dtype(arguments[1])
        shape = tuple(size for size in getattr(arguments[2], "items", []) if isinstance(size, int))
        return array(dtype or "other", shape, bytes(arguments[0]), big_endian=big)
    return None


def _dtype(node: Any) -> tuple[str, bool]:
    """The name of a pickled type of NumPy, and whether its numbers begin with the highest byte."""
    if not isinstance(node, Node) or node.kind != "call":
        return "", False
    name, arguments = _called(node)
    order = node.state.items[1] if isinstance(node.state, Node) and len(node.state.items) > 1 else "<"
    if not name.endswith("dtype") or not arguments:
        return "", False
    return NUMPY_TYPES.get(str(arguments[0]), ""), order == ">"


def _moment(name: str, arguments: list[Any]) -> str | None:
    """A date or a point in time."""
    data = arguments[0] if arguments else None
    if name not in {"datetime.datetime", "datetime.date"} or not isinstance(data, bytes) or len(data) not in {4, 10}:
        return None
    try:
        day = dt.date(int.from_bytes(data[:2], "big"), data[2] & 0x7F, data[3])
    except ValueError:
        return None
    if len(data) == 4:
        return day.isoformat()
    clock = dt.time(data[4] % 24, data[5] % 60, data[6] % 60, int.from_bytes(data[7:], "big") % 1_000_000)
    return f"{day.isoformat()} {clock.isoformat()}"


def _short(value: Any) -> str:
    """A key or an id, on one line."""
    if isinstance(value, Node):
        inner = ", ".join(
            " ".join(map(_short, one)) if isinstance(one, tuple) else _short(one) for one in value.items[:8]
        )
        return f"{value.kind} {inner}" if value.kind != "name" else str(value.items[0])
    return _atom(value)


def _atom(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes {digest([bytes(value)])}"
    if isinstance(value, int) and value.bit_length() > 4096:
        return digest([value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)])
    return repr(value)
