"""
Reads a layer of an image from its tar: kind, owner, times and content digest of each path. Writes no files.

Names in a tar are untrusted: they are only used as dictionary keys.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import IO, Any

from ...errors import EngineError

CHUNK_BYTES = 1 << 20
HEADER_BYTES_AT_MOST = 1 << 20
"""Largest extended header, which tarfile reads into memory; headers of real files are much smaller."""
PATHS_AT_MOST = 5_000_000
WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
"""Markers for a removed path and for an emptied folder (OCI image specification)."""
_XATTR = "SCHILY.xattr."
_KINDS = {
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "fifo",
}


@dataclass(frozen=True)
class Entry:
    """One path of an image."""

    kind: str
    """`file`, `folder`, `symlink`, `hardlink`, `character device`, `block device` or `fifo`."""
    mode: int
    uid: int
    gid: int
    size: int
    """Size in bytes; 0 without content."""
    sha256: str
    """sha256 (hex) of the content, for a hard link of its target; empty without content."""
    link: str
    """The target of a link, or a device's `major:minor`."""
    mtime: float
    """Seconds since 1970."""
    xattrs: tuple[tuple[str, str], ...] = ()
    """Extended attributes (file capabilities, for one), sorted."""


@dataclass(frozen=True)
class Layer:
    """The paths that a layer adds to lower layers, and those that it removes."""

    entries: dict[str, Entry]
    removed: frozenset[str]
    """Removed paths, with everything below them."""
    emptied: frozenset[str]
    """Folders whose content from lower layers is removed."""


class _Member(tarfile.TarInfo):
    """A tar member with a limit on the size of extended headers."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str | None, errors: str) -> _Member:
        member = super().frombuf(buf, encoding, errors)  # type: ignore[arg-type]  # typeshed wants no None; 3.10 gives it
        extended = not (member.isreg() or member.type in _KINDS)
        if extended and member.size > HEADER_BYTES_AT_MOST:
            raise EngineError(
                f"a layer of the image has an extended header of {member.size} bytes",
                "The image was not read further. It is damaged, or made to exhaust memory: build or pull it again.",
            )
        return member


def read_layer(stream: IO[bytes] | Any) -> Layer:
    """
    A layer from its tar, plain or compressed by gzip, bzip2 or xz. No content is kept.

    Raises EngineError for any other data.
    """
    entries: dict[str, Entry] = {}
    removed: set[str] = set()
    emptied: set[str] = set()
    try:
        with tarfile.open(
            fileobj=stream, mode="r|*", tarinfo=_Member, encoding="utf-8", errors="surrogateescape"
        ) as archive:
            while (member := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # it would keep every member until the end
                path = normal(member.name)
                folder, _, name = path.rpartition("/")
                if name == OPAQUE:
                    emptied.add(folder)
                elif name.startswith(WHITEOUT):
                    removed.add(f"{folder}/{name.removeprefix(WHITEOUT)}".removeprefix("/"))
                else:
                    entries[path] = _entry(archive, member, entries)
                _refuse_too_many(len(entries) + len(removed) + len(emptied))
    except tarfile.TarError as problem:
        raise EngineError(
            f"a layer of the image is not a readable tar: {problem}",
            "The image's files cannot be compared. Build or pull it again; layers compressed by zstd cannot be read.",
        ) from problem
    return Layer(entries, frozenset(removed), frozenset(emptied))


def _refuse_too_many(paths: int) -> None:
    if paths > PATHS_AT_MOST:
        raise EngineError(
            f"a layer of the image holds more than {PATHS_AT_MOST} paths",
            "The image was not read further, since comparing it would exhaust memory. Compare a smaller image.",
        )


def normal(name: str) -> str:
    """A member's name as a key: without leading `./` and `/` and trailing `/`; `..` is kept."""
    while name.startswith(("/", "./")):
        name = name[1:] if name.startswith("/") else name[2:]
    return "" if name == "." else name.rstrip("/")


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo, entries: dict[str, Entry]) -> Entry:
    kind = _KINDS.get(member.type, "file")
    plain = Entry(
        kind=kind,
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        size=0,
        sha256="",
        link=_link(member),
        mtime=float(member.mtime),
        xattrs=_xattrs(member.pax_headers),
    )
    if kind == "hardlink":
        target = entries.get(normal(member.linkname))
        return replace(plain, size=target.size, sha256=target.sha256) if target else plain
    if kind != "file":
        return plain
    return replace(plain, size=member.size, sha256=_digest(archive, member))


def _xattrs(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key.removeprefix(_XATTR), text) for key, text in headers.items() if key.startswith(_XATTR)))


def _link(member: tarfile.TarInfo) -> str:
    if member.isdev() and not member.isfifo():
        return f"{member.devmajor}:{member.devminor}"
    return member.linkname if member.issym() or member.islnk() else ""


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    content = archive.extractfile(member)
    assert content is not None, member.name  # noqa: S101 - tarfile gives None only for what is no file
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
