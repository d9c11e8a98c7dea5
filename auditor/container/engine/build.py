"""
Builds an image from a specification's folder.

`docker buildx` is used if it is available and can set all timestamps to SOURCE_DATE_EPOCH, otherwise the engine's
classic builder. Both get the same context, and the result names the builder.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ...errors import OutputError, UsageError
from . import buildx, classic
from .checked_wheels import Wheel
from .client import explained, out_of_disk
from .context import DOCKERFILE, packed, size_bytes, source_date_epoch
from .journal import Journal
from .order import Order

if TYPE_CHECKING:
    import docker

MIB_BYTES = 1 << 20
COPIES = 2
"""Copies on the engine's disk: of the context (received, layer) and of the environment (built, copied)."""


@dataclass(frozen=True)
class Built:
    """A built image."""

    image: str
    """Its id, `sha256:...`."""
    tag: str
    builder: str
    """The name of the builder."""
    seconds: float


def build(
    client: docker.DockerClient,
    folder: Path,
    tag: str,
    *,
    cache: bool = False,
    network: str = "default",
    buildargs: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    wheels: Sequence[Wheel] | None = None,
    log: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Built:
    """
    Build the Dockerfile in a folder, which is not changed.

    Args:
        client: an engine.
        folder: holds the Dockerfile and what it copies.
        tag: NAME or NAME:TAG of the image.
        cache: whether layers of earlier builds may be used.
        network: the network of the steps: default, host or none.
        buildargs: values for the Dockerfile's ARGs; credentials in them are redacted everywhere.
        labels: put on the image.
        wheels: checked wheels that replace the content of the folder's wheels/.
        log: a file for the builder's output.
        progress: called with every line.

    Raises UsageError for an invalid folder or name, and EngineError that names the failed step.
    """
    if not (folder / DOCKERFILE).is_file():
        raise UsageError(
            f"there is no {DOCKERFILE} in {folder}",
            "Nothing was built. Write one with `auditor container write MANIFEST`.",
        )
    order = Order(tag, cache, network, dict(buildargs or {}), dict(labels or {}), source_date_epoch(folder))
    require_room(client, folder, wheels)
    version = buildx.version(client)
    start = time.monotonic()
    where = f"\nThe whole log: {log}" if log else ""
    with _opened(log) as handle, packed(folder, wheels, order.epoch) as context:
        journal = Journal(handle, progress, order.buildargs, where)
        run = buildx.run if version else classic.run
        image = run(client, context, order, journal)
    builder = f"docker buildx {version}" if version else classic.name(client)
    return Built(image, tag, builder, time.monotonic() - start)


@contextlib.contextmanager
def _opened(log: Path | None) -> Iterator[TextIO | None]:
    if log is None:
        yield None
        return
    try:
        handle = log.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as problem:
        raise OutputError(
            f"the log {log} cannot be written: {problem.strerror}",
            "Nothing was built. Name another log file with --log.",
        ) from problem
    with handle:
        yield handle


def require_room(client: docker.DockerClient, folder: Path, wheels: Sequence[Wheel] | None) -> None:
    """
    Raise EngineError if the engine's disk is certainly too small.

    This is known only for an engine on this machine. The build needs at least the context and the unpacked wheels.
    """
    with explained("asking where the engine keeps its images"):
        root = Path(str(client.info().get("DockerRootDir") or ""))
    if not _is_local(client) or not root.is_absolute() or not root.is_dir():
        return
    unpacked = sum(wheel.unpacked for wheel in wheels or ())
    needed = COPIES * (size_bytes(folder, wheels) + unpacked)
    state = os.statvfs(root)
    free = state.f_bavail * state.f_frsize
    if free < needed:
        raise out_of_disk(
            "checking the free space before the build",
            f"{root} has {free // MIB_BYTES} MiB free, but the build needs at least {needed // MIB_BYTES} MiB",
        )


def _is_local(client: docker.DockerClient) -> bool:
    """Whether the engine is reached over a socket of this machine."""
    return str(client.api.base_url).startswith("http+docker://localhost")
