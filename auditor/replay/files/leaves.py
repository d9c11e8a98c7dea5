"""What a file holds as leaves: a place and a value, so that two files are compared as printed texts are."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_SHOWN = 256
"""Arrays of at most so many numbers are written as text, so that a time among them is seen as one."""
KEPT_BYTES = 4 << 20
"""Larger arrays do not hold their bytes."""
TEXT_CHARACTERS = 2000
"""Longer strings are written as a digest behind their beginning."""
FORMATS = {
    "float64": "d",
    "float32": "f",
    "float16": "e",
    "int64": "q",
    "int32": "i",
    "int16": "h",
    "int8": "b",
    "uint64": "Q",
    "uint32": "I",
    "uint16": "H",
    "uint8": "B",
    "bool": "?",
}
"""Types of numbers whose bytes `struct` reads."""
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class Undecodable(Exception):  # noqa: N818 - an answer about a file, not an error of ours
    """The bytes are not what the format asks for, or hold more than is read."""


@dataclass(frozen=True)
class Array:
    """The type, shape and bytes of an array; without the bytes if there are too many."""

    dtype: str
    shape: tuple[int, ...]
    digest: str
    data: bytes | None = None
    big_endian: bool = False

    def numbers(self) -> list[float] | None:
        """Its numbers in the order of its bytes; None if the bytes or their type are not known."""
        code = FORMATS.get(self.dtype)
        if self.data is None:
            return None
        order = ">" if self.big_endian else "<"
        if self.dtype == "bfloat16" and len(self.data) % 2 == 0:
            halves = struct.unpack(f"{order}{len(self.data) // 2}H", self.data)
            return [struct.unpack("<f", struct.pack("<I", half << 16))[0] for half in halves]
        if code is None or len(self.data) % struct.calcsize(code):
            return None
        return list(struct.unpack(f"{order}{len(self.data) // struct.calcsize(code)}{code}", self.data))

    @property
    def text(self) -> str:
        """Type, shape, and the numbers if they are few, else a digest."""
        small = self.data is not None and len(self.data) <= 8 * MOST_SHOWN
        numbers = self.numbers() if small else None
        if numbers is not None and len(numbers) <= MOST_SHOWN:
            return f"{self._type} {' '.join(map(_number, numbers))}"
        return f"{self._type} {self.digest}"

    @property
    def _type(self) -> str:
        """In letters where a digit would be taken for an amount; equal types are equal texts."""
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class Leaf:
    """A value of a file and its place."""

    place: str
    value: str | Array

    @property
    def line(self) -> str:
        """One line of text, whose differing tokens say what differs."""
        text = self.value if isinstance(self.value, str) else self.value.text
        return f"{self.place}: {text}" if self.place else text


@dataclass(frozen=True)
class Foreign:
    """What only a library of the audited interpreter can read: a file, a member of a zip file, or a folder."""

    place: str
    kind: str
    """hdf5, ocdbt or sqlite."""
    path: str
    member: str = ""


def array(dtype: str, shape: tuple[int, ...], data: bytes, *, big_endian: bool = False) -> Array:
    """An array whose bytes are at hand."""
    kept = data if len(data) <= KEPT_BYTES else None
    return Array(dtype, shape, digest([data]), kept, big_endian)


def digest(chunks: Iterable[bytes]) -> str:
    """A digest in letters alone: digits would be taken for an amount."""
    state = hashlib.sha256()
    for chunk in chunks:
        state.update(chunk)
    return in_letters(state.hexdigest())


def in_letters(hexadecimal: str) -> str:
    """Hexadecimal digits as letters."""
    return hexadecimal.translate(_LETTERS)[:32]


def quoted(text: str) -> str:
    """A string on one line, of limited length."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    if len(shown) <= TEXT_CHARACTERS:
        return f"'{shown}'"
    return f"'{shown[:TEXT_CHARACTERS]}' {digest([text.encode('utf-8', 'surrogatepass')])}"


def _number(value: float) -> str:
    return repr(value)


def within(place: str, leaves: Iterable[Leaf | Foreign]) -> Iterator[Leaf | Foreign]:
    """The leaves at a place of an outer file."""
    for one in leaves:
        inner = f"{place}: {one.place}" if one.place else place
        yield Leaf(inner, one.value) if isinstance(one, Leaf) else Foreign(inner, one.kind, one.path, one.member)
