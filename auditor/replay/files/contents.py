"""
What a file holds, decoded by its format so far as the standard library can: leaves with places (`leaves.py`).

Formats are known by their first bytes. A file is hostile data: what is too long, too deep or damaged is `Undecodable`,
and nothing in it is executed.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from . import archives, documents, events, pickled_values, pickles
from .leaves import Foreign, Leaf, Undecodable, array, digest

Kind = Literal[
    "text",
    "json",
    "table",
    "zip",
    "gzip",
    "events",
    "pickle",
    "npy",
    "hdf5",
    "sqlite",
    "pdf",
    "svg",
    "bytes",
    "ocdbt",
    "fingerprint",
]
WITH_TIMES: frozenset[Kind] = frozenset({"zip", "gzip", "events", "pickle", "hdf5", "sqlite"})
"""Formats that hold times: if such a file cannot be decoded, other bytes show nothing."""
HEAD_BYTES = 512
MOST_DECODED_BYTES = 64 << 20
"""Larger files of formats without members are compared by their bytes."""
_HDF5, _SQLITE = b"\x89HDF\r\n\x1a\n", b"SQLite format 3\0"
_TABLES = {".csv": ",", ".tsv": "\t"}
_PDF_TIMES = re.compile(rb"/(?:CreationDate|ModDate)\s{0,4}\([^)]{0,64}\)|/ID\s{0,4}\[[^\]]{0,200}\]")
_SVG_IDS = re.compile(r"(?<![A-Za-z0-9])([a-z]{0,4})([0-9a-f]{10})(?![0-9A-Za-z])")


def is_regular(path: Path) -> bool:
    """Whether it is a file of its own: links, pipes, sockets and devices are never opened."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def kind_of(head: bytes, name: str) -> Kind:
    """The format of a file that begins so; text is only known to be text once it is decoded whole."""
    if name == "fingerprint.pb":
        return "fingerprint"
    for begin, kind in _BEGINNINGS:
        if head.startswith(begin):
            return kind
    if events.are_events(head):
        return "events"
    if pickles.is_pickle(head):
        return "pickle"
    if b"\0" in head:
        return "bytes"
    suffix = Path(name).suffix.lower()
    if suffix in _TABLES:
        return "table"
    if suffix == ".svg" or b"<svg" in head:
        return "svg"
    return "json" if head.lstrip()[:1] in {b"{", b"["} else "text"


_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (_HDF5, "hdf5"),
    (_SQLITE, "sqlite"),
    (b"\x93NUMPY", "npy"),
    (b"%PDF-", "pdf"),
)


def decoded(path: Path, kind: Kind) -> Iterator[Leaf | Foreign]:
    """The leaves of a regular file. Raises Undecodable, also while they are taken."""
    try:
        if kind == "zip":
            yield from archives.members(path, _member)
        elif kind == "events":
            with path.open("rb") as file:
                yield from events.events(file)
        elif kind in {"hdf5", "sqlite"}:
            yield Foreign("", kind, str(path))
        else:
            yield from _of_bytes(_read(path), kind, path.name)
    except RecursionError as problem:
        raise Undecodable("its values lie too deep") from problem


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MOST_DECODED_BYTES + 1)
    if len(data) > MOST_DECODED_BYTES:
        raise Undecodable(f"it is longer than {MOST_DECODED_BYTES >> 20} MiB")
    return data


def _member(data: bytes) -> Iterator[Leaf | Foreign]:
    """A member of an archive; what cannot be decoded counts by its bytes."""
    kind = kind_of(data[:HEAD_BYTES], "")
    if kind in {"hdf5", "sqlite"}:
        return iter([Foreign("", kind, "")])
    if kind in {"zip", "events", "gzip", "bytes"}:
        return iter([Leaf("", f"{len(data)} bytes {digest([data])}")])
    try:
        return iter([*_of_bytes(data, kind, "")])
    except Undecodable:
        return iter([Leaf("", f"{len(data)} bytes {digest([data])}")])


def _of_bytes(data: bytes, kind: Kind, name: str) -> Iterator[Leaf | Foreign]:
    if kind == "gzip":
        inner = archives.unpacked(archives.as_file(data))
        inner_name = name[: -len(".gz")] if name.endswith(".gz") else ""
        again = kind_of(inner[:HEAD_BYTES], inner_name)
        if again in {"gzip", "zip", "hdf5", "sqlite", "events"}:
            again = "bytes"
        return _of_bytes(inner, again, inner_name)
    if kind == "fingerprint":
        return iter([*events.fingerprint(data)])
    if kind == "pickle":
        return iter([*pickled_values.leaves(pickles.loaded(data))])
    if kind == "npy":
        return archives.from_npy(data)
    if kind == "pdf":
        return iter([Leaf("", digest([_PDF_TIMES.sub(b"", data)]))])
    if kind == "bytes":
        return iter([Leaf("", array("uint8", (len(data),), data))])
    return _of_text(_text(data), kind, name)


def _text(data: bytes) -> str:
    if len(data) > documents.MOST_BYTES:
        raise Undecodable(f"it is text of more than {documents.MOST_BYTES >> 20} MiB")
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        raise Undecodable("it is no text") from problem
    if "\0" in text:
        raise Undecodable("it is no text")
    return text


def _of_text(text: str, kind: Kind, name: str) -> Iterator[Leaf | Foreign]:
    """Lines; of JSON and tables values."""
    try:
        if kind == "json":
            return documents.from_json(text)
        if kind == "table":
            return documents.from_table(text, _TABLES.get(Path(name).suffix.lower(), ","))
    except Undecodable:
        pass  # lines, like any text
    if kind == "svg":
        text = _with_numbered_ids(text)
    return (Leaf("", line) for line in text.split("\n"))


def _with_numbered_ids(text: str) -> str:
    """The ids of a drawing, which Matplotlib draws at random, numbered in the order in which they appear."""
    known: dict[str, str] = {}
    return _SVG_IDS.sub(lambda found: f"{found[1]}id{known.setdefault(found[2], str(len(known)))}", text)
