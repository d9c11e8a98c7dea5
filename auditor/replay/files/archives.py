"""Containers: zip files (`.pt`, `.npz`, `.keras`) by their members, gzip by what it packs, `.npy` by its header."""

from __future__ import annotations

import ast
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from . import pickled_values, pickles
from .leaves import KEPT_BYTES, Array, Foreign, Leaf, Undecodable, array, in_letters, within

MOST_MEMBERS = 100_000
MOST_UNPACKED_BYTES = 8 << 30
"""Of all members of a file."""
MOST_LOADED_BYTES = 64 << 20
"""A member that is decoded is read whole; of a longer one a digest is taken."""
MOST_HEADER_BYTES = 1 << 16
CHUNK_BYTES = 1 << 20
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
"""What the standard library raises for damaged archives, and for methods and passwords that it does not know."""
Decoder = Callable[[bytes], "Iterator[Leaf | Foreign]"]


class Limit:
    """How many bytes may still be unpacked; shared by all members of a file."""

    def __init__(self, left: int = MOST_UNPACKED_BYTES) -> None:
        self.left = left

    def taken(self, size: int) -> None:
        """So many bytes were unpacked. Raises Undecodable once they are too many."""
        self.left -= size
        if self.left < 0:
            raise Undecodable(f"it unpacks to more than {MOST_UNPACKED_BYTES >> 30} GiB")


def members(path: Path, decode: Decoder) -> Iterator[Leaf | Foreign]:
    """The leaves of a zip file's members, sorted by name; their dates are left out. Raises Undecodable."""
    try:
        with zipfile.ZipFile(path) as file:
            names = sorted(one.filename for one in file.infolist() if not one.is_dir())
            if len(names) > MOST_MEMBERS or len(set(names)) < len(names):
                raise Undecodable("it holds too many members, or a name twice")
            yield from _Zip(file, path, names, decode).leaves()
    except UNREADABLE as problem:
        raise Undecodable("it is no whole zip file") from problem


class _Zip:
    def __init__(self, file: zipfile.ZipFile, path: Path, names: list[str], decode: Decoder) -> None:
        self._file, self._path, self._names, self._decode, self._limit = file, path, names, decode, Limit()
        pickled = [name for name in names if name.endswith("/data.pkl")]
        self._torch = pickled[0][: -len("data.pkl")] if len(pickled) == 1 else None
        self._used: set[str] = set()

    def leaves(self) -> Iterator[Leaf | Foreign]:
        if self._torch is not None:
            yield from self._tensors(self._torch)
        for name in self._names:
            if name not in self._used and not self._is_derived(name):
                yield from self._member(name)

    def _is_derived(self, name: str) -> bool:
        """Whether PyTorch computes it from the other members."""
        return self._torch is not None and name == f"{self._torch}.data/serialization_id"

    def _tensors(self, folder: str) -> Iterator[Leaf | Foreign]:
        """What a file of `torch.save` holds, each tensor at its place."""
        arrays: dict[str, Array] = {}

        def storage(dtype: str, key: str) -> Array | None:
            name = f"{folder}data/{key}"
            if name not in self._names:
                return None
            if key not in arrays:
                self._used.add(name)
                digest, data = self._digested(name)
                arrays[key] = Array(dtype, (), digest, data)
            return arrays[key]

        data = self._loaded(f"{folder}data.pkl")
        if data is None:
            return
        found = list(pickled_values.leaves(pickles.loaded(data), storage))
        self._used.add(f"{folder}data.pkl")
        yield from found

    def _member(self, name: str) -> Iterator[Leaf | Foreign]:
        data = self._loaded(name)
        if data is None:
            yield Leaf(name, self._digested(name)[0])
            return
        for one in self._decode(data):
            if isinstance(one, Foreign):
                yield Foreign(name, one.kind, str(self._path), name)
            else:
                yield from within(name, [one])

    def _loaded(self, name: str) -> bytes | None:
        """The whole member; None if it is too long."""
        with self._file.open(name) as file:
            data = file.read(MOST_LOADED_BYTES + 1)
        self._limit.taken(len(data))
        return data if len(data) <= MOST_LOADED_BYTES else None

    def _digested(self, name: str) -> tuple[str, bytes | None]:
        with self._file.open(name) as file:
            return digested(file, self._limit)


def digested(file: IO[bytes], limit: Limit) -> tuple[str, bytes | None]:
    """A digest of what a file holds, and its bytes if they are few."""
    state, kept, size = hashlib.sha256(), [], 0
    while chunk := file.read(CHUNK_BYTES):
        limit.taken(len(chunk))
        state.update(chunk)
        size += len(chunk)
        if size <= KEPT_BYTES:
            kept.append(chunk)
    return in_letters(state.hexdigest()), b"".join(kept) if size <= KEPT_BYTES else None


def unpacked(data: IO[bytes]) -> bytes:
    """What a gzip file packs, without the date and the name of its header. Raises Undecodable."""
    try:
        with gzip.GzipFile(fileobj=data) as file:
            found = file.read(MOST_LOADED_BYTES + 1)
    except UNREADABLE as problem:
        raise Undecodable("it is no whole gzip file") from problem
    if len(found) > MOST_LOADED_BYTES:
        raise Undecodable(f"it unpacks to more than {MOST_LOADED_BYTES >> 20} MiB")
    return found


def from_npy(data: bytes) -> Iterator[Leaf | Foreign]:
    """The array of a `.npy` file. Raises Undecodable."""
    header, begin = _npy_header(data)
    kind, shape = header.get("descr"), header.get("shape")
    if not isinstance(shape, tuple) or not all(isinstance(size, int) and size >= 0 for size in shape):
        raise Undecodable("its header names no shape")
    content = data[begin:]
    if not isinstance(kind, str):
        return iter([Leaf("", f"{len(shape)} dimensions of records"), Leaf("", array("other", shape, content))])
    if kind.endswith("O"):
        return iter([*pickled_values.leaves(pickles.loaded(content))])
    dtype = pickled_values.NUMPY_TYPES.get(kind[1:], kind)
    return iter([Leaf("", array(dtype, shape, content, big_endian=kind.startswith(">")))])


def _npy_header(data: bytes) -> tuple[dict[str, object], int]:
    wide = data[6:7] != b"\x01"
    begin = 12 if wide else 10
    length = int.from_bytes(data[8:begin], "little")
    if length > MOST_HEADER_BYTES or len(data) < begin + length:
        raise Undecodable("its header is cut off or too long")
    try:
        header = ast.literal_eval(data[begin : begin + length].decode("latin-1").strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError) as problem:
        raise Undecodable("its header is damaged") from problem
    if not isinstance(header, dict):
        raise Undecodable("its header is damaged")
    return header, begin + length


def as_file(data: bytes) -> IO[bytes]:
    """Bytes as an open file."""
    return io.BytesIO(data)
