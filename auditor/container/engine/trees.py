"""
Reads the files of images with their digests, and compares two images.

The files are read from the stream of `docker image save`: no container is started and nothing is extracted.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from ...errors import EngineError
from .client import explained
from .layers import CHUNK_BYTES, Entry, Layer, read_layer

if TYPE_CHECKING:
    import docker

DOCUMENT_BYTES_AT_MOST = 16 << 20
"""Largest document in an image; real ones have kilobytes."""
ASPECTS = ("content", "only", "kind", "mode", "owner", "link", "attributes", "mtime")
"""The aspects that can differ, most important first."""
SETTINGS = ("Env", "User", "WorkingDir", "Entrypoint", "Cmd", "Labels", "ExposedPorts", "Volumes", "StopSignal")
"""The compared fields of an image's configuration."""
DIGEST_CHARACTERS_LEFT_OUT = 52
"""Characters of a digest (of 64) that are not shown, so that two digests fit on a line."""
Tree = dict[str, Entry]


@dataclass(frozen=True)
class PathDifference:
    """One path that differs between two images."""

    path: str
    aspects: tuple[str, ...]
    """Of ASPECTS, in their order."""
    text: str
    """The difference as text."""


def tree(client: docker.DockerClient, image: str, known: dict[str, Layer] | None = None) -> Tree:
    """
    Path to entry for every file of an image, its layers merged; the root folder itself is "".

    `known` caches layers by name (digest), so that a second call does not read shared layers again. Raises EngineError.
    """
    layers = {} if known is None else known
    with explained(f"reading the files of {image}"):
        stream = _Reader(client.images.get(image).save(chunk_size=CHUNK_BYTES))
        return merged(_layers_in_order(stream, layers))


def _layers_in_order(stream: _Reader, layers: dict[str, Layer]) -> list[Layer]:
    """
    The layers of a saved image, lowest first.

    Layers come in any order, some as links, and manifest.json, which has their order, comes last, so each layer is read
    when it arrives. Engines before 25 name them ID/layer.tar, podman DIGEST.tar, later engines blobs/sha256/DIGEST,
    where documents are JSON.
    """
    documents: dict[str, bytes] = {}
    links: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
            for member in archive:
                if member.issym():
                    links[member.name] = member.linkname.removeprefix("../")
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or member.name in layers:
                    continue
                peeked = _Peeked(content)
                if peeked.head.startswith((b"{", b"[")) and member.size <= DOCUMENT_BYTES_AT_MOST:
                    documents[member.name] = peeked.read()
                elif member.name.endswith(".tar") or member.name.startswith("blobs/"):
                    layers[member.name] = read_layer(peeked)
        names = json.loads(documents["manifest.json"])[0]["Layers"]
        return [layers[links.get(name, name)] for name in names]
    except (tarfile.TarError, KeyError, IndexError, TypeError, ValueError) as problem:
        raise EngineError(
            f"the engine's copy of the image cannot be read: {type(problem).__name__}: {problem}",
            "The image's files cannot be compared. Check that `docker image save` works for it, and try again.",
        ) from problem


def merged(layers: Iterable[Layer]) -> Tree:
    """The merged layers, lowest first: the files that a container sees."""
    files: Tree = {}
    for layer in layers:
        replaced = {
            path for path, entry in layer.entries.items() if entry.kind != "folder" and _is_folder(files.get(path))
        }
        gone = layer.removed | replaced
        if gone or layer.emptied:
            files = {path: entry for path, entry in files.items() if not _is_gone(path, gone, layer.emptied)}
        files.update(layer.entries)
    return files


def _is_folder(entry: Entry | None) -> bool:
    return entry is not None and entry.kind == "folder"


def _is_gone(path: str, gone: Iterable[str], emptied: frozenset[str]) -> bool:
    return path in gone or any(above in gone or above in emptied for above in _above(path))


def _above(path: str) -> Iterator[str]:
    """The folders that hold a path, the nearest first and the root, "", last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def differences(first: Mapping[str, Entry], second: Mapping[str, Entry]) -> list[PathDifference]:
    """Every path that differs, those with different content first."""
    found = [_difference(path, first.get(path), second.get(path)) for path in first.keys() | second.keys()]
    return sorted(
        (difference for difference in found if difference),
        key=lambda difference: (ASPECTS.index(difference.aspects[0]), difference.path),
    )


def _difference(path: str, first: Entry | None, second: Entry | None) -> PathDifference | None:
    if first == second:
        return None
    if first is None or second is None:
        present = first or second
        where = "first" if second is None else "second"
        return PathDifference(path, ("only",), f"only in the {where} ({present.kind if present else ''})")
    before, after = _aspects(first), _aspects(second)
    aspects = tuple(name for name in ASPECTS if name in before and before[name] != after[name])
    told = (f"{name}: {_shown(name, before[name])} and {_shown(name, after[name])}" for name in aspects)
    return PathDifference(path, aspects, ", ".join(told))


def _aspects(entry: Entry) -> dict[str, str]:
    return {
        "content": f"{entry.size} bytes of sha256 {entry.sha256}" if entry.sha256 else "",
        "kind": entry.kind,
        "mode": f"{entry.mode:04o}",
        "owner": f"{entry.uid}:{entry.gid}",
        "link": entry.link,
        "attributes": " ".join(f"{name}={value!r}" for name, value in entry.xattrs),
        "mtime": repr(entry.mtime),
    }


def _shown(aspect: str, value: str) -> str:
    """An aspect's value, short: a digest by its beginning, a whole second without its decimals."""
    if aspect == "content":
        value = value[:-DIGEST_CHARACTERS_LEFT_OUT]
    return (value.removesuffix(".0") if aspect == "mtime" else value) or "none"


def shared_layers(client: docker.DockerClient, first: str, second: str) -> tuple[int, int]:
    """The number of equal layers of two images, and the number of layers of the larger one."""
    with explained(f"asking for the layers of {first} and {second}"):
        below, above = (client.images.get(image).attrs["RootFS"].get("Layers") or [] for image in (first, second))
    equal = sum(1 for one, other in zip(below, above, strict=False) if one == other)
    return equal, max(len(below), len(above))


def settings_differences(client: docker.DockerClient, first: str, second: str) -> list[PathDifference]:
    """The differing fields of the configurations (environment, user, command, labels)."""
    with explained(f"asking for the settings of {first} and {second}"):
        before, after = (client.images.get(image).attrs.get("Config") or {} for image in (first, second))
    return [
        PathDifference(f"(settings) {name}", ("content",), f"{before.get(name)!r} and {after.get(name)!r}")
        for name in SETTINGS
        if (before.get(name) or None) != (after.get(name) or None)
    ]


class _Reader:
    """Reads chunks of bytes like a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """At most that many bytes, fewer only at the end."""
        parts = [self._rest]
        length = len(self._rest)
        while length < size and (chunk := next(self._chunks, None)) is not None:
            parts.append(chunk)
            length += len(chunk)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]


class _Peeked:
    """A file whose first bytes can be read without consuming them."""

    def __init__(self, file: IO[bytes] | Any) -> None:
        self.head: bytes = file.read(16)
        self._file = file
        self._rest = self.head

    def read(self, size: int = -1) -> bytes:
        """As of a file; -1 reads all."""
        if not self._rest:
            data: bytes = self._file.read(size)
            return data
        rest, self._rest = self._rest, b""
        if size < 0:
            return rest + bytes(self._file.read())
        self._rest = rest[size:]
        return rest[:size] + (bytes(self._file.read(size - len(rest))) if size > len(rest) else b"")
