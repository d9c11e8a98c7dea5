"""TensorBoard's event files without the wall time of their records: length, checksum, a protobuf `Event`, checksum."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from .leaves import Array, Leaf, Undecodable, array, digest, quoted

MOST_RECORD_BYTES = 256 << 20
MOST_DEPTH = 6
"""Of messages whose fields are not known by name."""
_STEP, _VERSION, _GRAPH, _SUMMARY = 2, 3, 4, 5
_TAG, _SIMPLE, _IMAGE, _HISTOGRAM, _TENSOR, _METADATA = 1, 2, 4, 5, 8, 9
_TENSOR_TYPES = {1: "float32", 2: "float64", 3: "int32", 4: "uint8", 9: "int64", 19: "float16"}
_TENSOR_FIELDS = {5: "float32", 6: "float64"}
"""Fields of a `TensorProto` that hold packed numbers."""
_UUID = 7
Field = tuple[int, int, "int | bytes"]


def are_events(head: bytes) -> bool:
    """Whether the bytes begin with the record that names the version of an event file."""
    return len(head) > 12 and b"brain.Event:" in head[12:64]


def events(file: BinaryIO) -> Iterator[Leaf]:
    """A leaf for each value of each record; the time of a record is left out."""
    number = 0
    while header := file.read(12):
        length = struct.unpack("<Q", header[:8])[0] if len(header) == 12 else -1
        if not 0 <= length <= MOST_RECORD_BYTES:
            yield Leaf(f"record {number + 1}", "cut off or damaged")
            return
        data = file.read(length + 4)
        if len(data) < length + 4:
            yield Leaf(f"record {number + 1}", "cut off")
            return
        number += 1
        yield from _event(data[:-4], number)


def fingerprint(data: bytes) -> Iterator[Leaf]:
    """The hashes of a SavedModel's `fingerprint.pb`, without the UUID that is drawn for it."""
    for name, wire, value in fields(data):
        if name != _UUID:
            yield from _unnamed(f"field {name}", wire, value, 0)


def _event(data: bytes, number: int) -> Iterator[Leaf]:
    known = list(fields(data))
    step = next((value for name, _, value in known if name == _STEP and isinstance(value, int)), 0)
    for name, wire, value in known:
        if name == _SUMMARY and isinstance(value, bytes):
            for inner, _, one in fields(value):
                if inner == 1 and isinstance(one, bytes):
                    yield from _value(one, f"step {step}")
        elif name == _GRAPH and isinstance(value, bytes):
            yield Leaf(f"record {number}, graph", digest([value]))
        elif name == _VERSION and isinstance(value, bytes):
            yield Leaf("version", quoted(value.decode(errors="replace")))
        elif name > _STEP:
            yield from _unnamed(f"record {number}, field {name}", wire, value, 0)


def _value(data: bytes, place: str) -> Iterator[Leaf]:
    """One value of a summary: its tag, then what it holds."""
    known = list(fields(data))
    tags = [value for name, _, value in known if name == _TAG and isinstance(value, bytes)]
    tag = tags[0].decode(errors="replace") if tags else ""
    place = f"{place}, {quoted(tag)[1:-1]}"
    for name, wire, value in known:
        if name == _SIMPLE and isinstance(value, int):
            yield Leaf(place, array("float32", (), struct.pack("<I", value & 0xFFFFFFFF)))
        elif name == _TENSOR and isinstance(value, bytes):
            yield Leaf(place, _tensor(value))
        elif name in {_IMAGE, _HISTOGRAM} and isinstance(value, bytes):
            yield Leaf(place, f"{'image' if name == _IMAGE else 'histogram'} {digest([value])}")
        elif name == _METADATA and isinstance(value, bytes):
            yield from _unnamed(f"{place}, metadata", wire, value, 0)
        elif name != _TAG:
            yield from _unnamed(f"{place}, field {name}", wire, value, 0)


def _tensor(data: bytes) -> str | Array:
    known = list(fields(data))
    kind = next((value for name, _, value in known if name == 1 and isinstance(value, int)), 0)
    shape = [value for name, _, value in known if name == 2 and isinstance(value, bytes)]
    sizes = tuple(
        size
        for one in shape
        for name, _, dim in fields(one)
        if name == 2 and isinstance(dim, bytes)
        for inner, _, size in fields(dim)
        if inner == 1 and isinstance(size, int)
    )
    dtype = _TENSOR_TYPES.get(kind, "")
    content = b"".join(value for name, _, value in known if name == 4 and isinstance(value, bytes))
    packed = b"".join(_packed(wire, value) for name, wire, value in known if _TENSOR_FIELDS.get(name) == dtype)
    if dtype and (content or packed):
        return array(dtype, sizes, content or packed)
    texts = [value for name, _, value in known if name == 8 and isinstance(value, bytes)]
    if len(texts) == 1:
        return quoted(texts[0].decode(errors="replace"))
    return f"tensor {digest([data])}"


def _packed(wire: int, value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    return struct.pack("<I", value) if wire == 5 else struct.pack("<Q", value)


def _unnamed(place: str, wire: int, value: int | bytes, depth: int) -> Iterator[Leaf]:
    """The fields of a message that is not known: plug-ins write times into theirs."""
    if isinstance(value, int):
        yield Leaf(place, repr(struct.unpack("<d", struct.pack("<Q", value))[0]) if wire == 1 else str(value))
        return
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and (text or not value):
        yield Leaf(place, quoted(text))
        return
    try:
        inner = list(fields(value)) if depth < MOST_DEPTH else []
    except Undecodable:
        inner = []
    if not inner:
        yield Leaf(place, f"{len(value)} bytes {digest([value])}")
    for name, kind, one in inner:
        yield from _unnamed(f"{place}.{name}", kind, one, depth + 1)


def fields(data: bytes) -> Iterator[Field]:
    """Number, wire type and value of each field of a protobuf message. Raises Undecodable if it is none."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        value: int | bytes
        if wire == 0:
            value, at = _varint(data, at)
        elif wire in {1, 5}:
            size = 8 if wire == 1 else 4
            value, at = int.from_bytes(data[at : at + size], "little"), at + size
        elif wire == 2:
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise Undecodable("no protobuf message")
        if at > len(data) or not number:
            raise Undecodable("no protobuf message")
        yield number, wire, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        if at >= len(data):
            raise Undecodable("no protobuf message")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise Undecodable("no protobuf message")
