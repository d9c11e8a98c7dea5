"""
A trace: the streams of one run, in the folder in which they were recorded or in one `.trace` file.

A `.trace` file is a zip archive, stored and not deflated, so that its streams are read in place: `trace.json`, and the
streams under the names that they have in the folder. Names are sorted and times fixed: equal runs give equal files.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ... import __version__
from ...errors import ManifestError, OutputError
from ...manifest.strict_json import canonical, parse
from .extent import Extent
from .format import DAMAGED, HEADER, RECORD_BYTES, TraceError
from .stream import CHUNK_BYTES, Stream

FORMAT, FORMAT_VERSION = "auditor-trace", 1
DESCRIPTION = "trace.json"
DESCRIPTION_LIMIT_BYTES = 16 * 1024 * 1024
MOST_STREAMS = 100_000
"""Limit of the streams; a long run can have one for each call of a pool."""
MOST_OPEN = 256
"""Files of a folder that stay open; the others are opened for each read."""
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
STREAM = re.compile(r"(?P<lineage>[A-Za-z0-9_-]{1,64}(?:\.[0-9]{1,9}){0,32})\.(?P<ordinal>[0-9]{1,9})\.trc")
LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Of a member: its signature, and the lengths of its name and extra field."""
NO_ZIP = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError, IndexError)
"""What `zipfile` raises over hostile bytes."""


class TaskKey(NamedTuple):
    """Identifies a task of a process: equal in two runs that started processes and tasks in the same order."""

    lineage: str
    """`main`, `main.0` (its first child), `main.0.2`, `rank0`."""
    ordinal: int
    """0 is the main thread; others in the order of their submission."""

    @property
    def file(self) -> str:
        """The name of the stream's file."""
        return f"{self.lineage}.{self.ordinal}.trc"

    @property
    def order(self) -> tuple[str, tuple[int, ...], int]:
        """Sorts parents before children, and numbers as numbers."""
        root, *numbers = self.lineage.split(".")
        plain = root.rstrip("0123456789")
        rank = (int(root[len(plain) :]),) if plain != root else ()
        return plain, rank + tuple(map(int, numbers)), self.ordinal


@dataclass(frozen=True)
class Trace:
    """The streams of one run. `with` closes it."""

    name: str
    """For messages."""
    streams: Mapping[TaskKey, Stream]
    """Parents before children; the tasks of a process in the order of their submission."""
    description: Mapping[str, Any] = field(default_factory=dict)
    """The object that was given to `pack` (`run`): hostile data."""
    _files: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Trace:  # noqa: D105, PYI034 - `Self` is of Python 3.11, and nothing inherits
        return self

    def __exit__(self, *_exception: object) -> None:  # noqa: D105 - as above
        self._files.close()

    def close(self) -> None:
        """Close its files."""
        self._files.close()

    @property
    def algorithms(self) -> frozenset[str]:
        """The digest algorithms: one, unless its processes had different libraries."""
        return frozenset(stream.algorithm for stream in self.streams.values())

    @property
    def detail(self) -> bool:
        """Whether inputs were recorded in every stream."""
        return bool(self.streams) and all(stream.detail for stream in self.streams.values())

    @property
    def operations(self) -> int:
        """How many operations were recorded."""
        return sum(stream.structure.operations for stream in self.streams.values())

    @property
    def problems(self) -> list[tuple[TaskKey, str]]:
        """(stream, what the recorder could not do). A trace with one is never called identical."""
        return [(key, text) for key, stream in self.streams.items() for text in stream.problems]

    @property
    def cut(self) -> list[TaskKey]:
        """The streams without an END."""
        return [key for key, stream in self.streams.items() if stream.cut]

    def of_process(self, lineage: str) -> dict[int, Stream]:
        """The streams of one process, by task."""
        return {key.ordinal: stream for key, stream in self.streams.items() if key.lineage == lineage}

    @property
    def lineages(self) -> list[str]:
        """The processes, parents before children."""
        return list(dict.fromkeys(key.lineage for key in self.streams))


def open_trace(path: Path) -> Trace:
    """A run's folder or a `.trace` file, whichever it is. Raises TraceError."""
    return open_folder(path) if path.is_dir() else open_file(path)


def open_folder(folder: Path) -> Trace:
    """The trace of a run's folder (that holds `streams/`). Files of other names are not read. Raises TraceError."""
    found: dict[TaskKey, Stream] = {}
    with _opening(str(folder)) as files:
        for path in (folder / "streams").iterdir():
            key = _key(path.name)
            if key is None or not path.is_file():
                continue
            handle = _open(path, files) if len(found) < MOST_OPEN else path
            found[key] = Stream(path.name, Extent(handle, 0, path.stat().st_size))
            _refuse_many(found)
        return Trace(str(folder), _sorted(found), {}, files.pop_all())


def open_file(path: Path) -> Trace:
    """The trace of a `.trace` file. Raises TraceError: no such file, not ours, another version, damaged."""
    with _opening(str(path)) as files:
        handle = _open(path, files)
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
                described = _description(archive)
        except NO_ZIP as problem:
            raise TraceError(f"{path} is not a trace file: {problem}", DAMAGED) from problem
        found: dict[TaskKey, Stream] = {}
        for member in members:
            if member.filename == DESCRIPTION:
                continue
            key = _key(member.filename.removeprefix("streams/"))
            if key is None or not member.filename.startswith("streams/") or key in found:
                raise TraceError(f"{path} holds {member.filename[:100]!r}, which is not a stream of a trace", DAMAGED)
            found[key] = Stream(key.file, _extent(handle, member))
            _refuse_many(found)
        return Trace(str(path), _sorted(found), described, files.pop_all())


def pack(trace: Trace, target: Path, run: Mapping[str, Any] | None = None) -> None:
    """
    Write a trace as one `.trace` file.

    `run` is a JSON object that is kept with it (exit code, digests of stdout and of files); it comes back as
    `Trace.description`. Raises OutputError if the file cannot be written.
    """
    described = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "algorithms": sorted(trace.algorithms),
        "tier": "detail" if trace.detail else "base",
        "auditor": __version__,
        "run": dict(run or {}),
    }
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(zipfile.ZipInfo(DESCRIPTION, FIXED_TIME), canonical(described))
            for key in sorted(trace.streams, key=lambda key: key.file):
                with archive.open(zipfile.ZipInfo(f"streams/{key.file}", FIXED_TIME), "w", force_zip64=True) as member:
                    for data in _written(trace.streams[key]):
                        member.write(data)
    except OSError as problem:
        raise OutputError(
            f"the trace could not be written to {target}: {problem.strerror or problem}",
            "The run itself is complete. Give a path on a disk with room for it.",
        ) from problem


# ------------------------------------------------------------------------------------------------------------ parts


def _written(stream: Stream) -> Iterator[bytes]:
    """A stream's bytes up to its end, without what was only reserved."""
    end = HEADER.size + stream.blocks * RECORD_BYTES
    for position in range(0, end, CHUNK_BYTES):
        yield stream.extent.read(position, min(CHUNK_BYTES, end - position))


def _key(name: str) -> TaskKey | None:
    matched = STREAM.fullmatch(name)
    return TaskKey(matched["lineage"], int(matched["ordinal"])) if matched else None


def _sorted(found: Mapping[TaskKey, Stream]) -> dict[TaskKey, Stream]:
    return {key: found[key] for key in sorted(found, key=lambda key: (key.order, key.file))}


def _refuse_many(found: Mapping[TaskKey, Stream]) -> None:
    if len(found) > MOST_STREAMS:
        raise TraceError(
            f"the trace has more than {MOST_STREAMS} streams",
            "It was not read. Record a shorter part of the experiment, with fewer processes and tasks.",
        )


@contextmanager
def _opening(name: str) -> Iterator[ExitStack]:
    """Files that are closed again if the trace cannot be read."""
    with ExitStack() as files:
        try:
            yield files
        except OSError as problem:
            raise TraceError(
                f"the trace {name} cannot be read: {problem.strerror or problem}",
                "Give the folder of a run, or a file that `auditor replay --record` wrote.",
            ) from problem


def _open(path: Path, files: ExitStack) -> int:
    handle = os.open(path, os.O_RDONLY)
    files.callback(os.close, handle)
    return handle


def _extent(handle: int, member: zipfile.ZipInfo) -> Extent:
    """Where a member's bytes lie in the archive."""
    wrong = member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1
    raw = os.pread(handle, LOCAL_HEADER.size, member.header_offset) if member.header_offset >= 0 else b""
    if wrong or member.compress_size != member.file_size or len(raw) < LOCAL_HEADER.size or raw[:4] != b"PK\x03\x04":
        raise TraceError(
            f"the trace's member {member.filename[:100]!r} is compressed or encrypted, which the format does not allow",
            DAMAGED,
        )
    _, name_bytes, extra_bytes = LOCAL_HEADER.unpack(raw)
    offset = member.header_offset + LOCAL_HEADER.size + name_bytes + extra_bytes
    if offset + member.file_size > os.fstat(handle).st_size:
        raise TraceError(f"the trace's member {member.filename[:100]!r} is cut off", DAMAGED)
    return Extent(handle, offset, member.file_size, member.CRC)


def _description(archive: zipfile.ZipFile) -> Mapping[str, Any]:
    """What `trace.json` says of the run, its format checked."""
    try:
        info = archive.getinfo(DESCRIPTION)
        if info.file_size > DESCRIPTION_LIMIT_BYTES:
            raise TraceError(f"{DESCRIPTION} is larger than {DESCRIPTION_LIMIT_BYTES} bytes", DAMAGED)
        document = parse(archive.read(info), DESCRIPTION)
    except (KeyError, RuntimeError, ManifestError, OSError) as problem:  # RuntimeError: encrypted
        raise TraceError(f"the archive's {DESCRIPTION} cannot be read: {problem}", DAMAGED) from problem
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise TraceError(f"the archive's {DESCRIPTION} does not describe a trace", DAMAGED)
    if document.get("version") != FORMAT_VERSION:
        raise TraceError(
            f"the trace has version {str(document.get('version'))[:20]} of the file format;"
            f" this auditor reads version {FORMAT_VERSION}",
            "Compare it with the auditor that recorded it, or record it again with this one.",
        )
    run = document.get("run")
    return run if isinstance(run, dict) else {}
