"""Writes a crate: as a folder, or as a zip archive whose bytes depend on nothing but what is in it."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ...errors import OutputError
from ...output.atomic_folder import Staging
from ...signing.files import PUBLIC
from ..source import Reported
from . import citation, metadata
from .parts import Part, of_audit, of_bytes, of_traces
from .stated import Stated, checked

ZIP = ".zip"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE = 0o100000
NOT_WRITTEN = "Nothing was written to it. Name another place with -o, or free disk space."


def render(reported: Reported, stated: Stated | None = None) -> bytes:
    """The whole archive. Raises the errors of `write`."""
    target = io.BytesIO()
    _zipped(_parts(reported, stated or Stated()), target)
    return target.getvalue()


def write(reported: Reported, stated: Stated, place: Path) -> None:
    """
    Write a crate whole or not at all: an archive if the name ends in `.zip`, else a new folder.

    Raises UsageError for what an author cannot state and for a folder that is not empty, ManifestError, OutputError.
    """
    try:
        parts = _parts(reported, stated)
        (_archive if place.suffix == ZIP else _folder)(parts, place)
    except OSError as problem:
        raise OutputError(f"{place} cannot be written: {problem.strerror or problem}", NOT_WRITTEN) from problem


def _parts(reported: Reported, stated: Stated) -> list[Part]:
    """All files, the description first: whoever opens the archive reads it before the rest."""
    checked(stated, reported)
    found = [*of_audit(reported), *of_traces(reported)]
    if stated.citation:
        cited = citation.render(reported, stated)
        found.append(of_bytes(citation.NAME, cited, "How to cite this crate (Citation File Format)."))
    text = metadata.described(reported, found, stated)
    return [of_bytes(metadata.NAME, text, ""), *found]


def _zipped(parts: Sequence[Part], target: IO[bytes]) -> None:
    """Stored, since a deflated file has other bytes with another zlib; names in order, times fixed."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            info = zipfile.ZipInfo(part.name, FIXED_TIME)
            info.external_attr = (REGULAR_FILE | PUBLIC) << 16
            with archive.open(info, "w", force_zip64=True) as member:
                for chunk in part.chunks():
                    member.write(chunk)


def _archive(parts: Sequence[Part], place: Path) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as target:
            _zipped(parts, target)
            target.flush()
            os.fsync(target.fileno())
        Path(name).chmod(PUBLIC)
        Path(name).replace(place)
    finally:
        Path(name).unlink(missing_ok=True)


def _folder(parts: Sequence[Part], place: Path) -> None:
    with Staging(place, tracked=True) as staging:
        for part in parts:
            staging.write(part.name, part.chunks())
        staging.commit()
