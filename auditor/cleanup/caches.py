"""The two caches of auditor: the catalogue of checks, and code that audits compiled."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import psutil

from ..catalogue import cache
from ..factors import own_cache
from ..quoting.inert import visible
from ..signing.folder import is_regular
from . import extent
from .entry import Entry

CATALOGUE_FILE = re.compile(r"[0-9A-Za-z.+-]{1,40}-[0-9a-f]{64}-(?:[0-9a-f]{16}-everything|facts)\.json")
BEGINNING = b'{"checks":['
UNTAGGED = "it has no tag of ours: an older auditor made it, or another program; the next audit tags it"
LINKED = "it is a link, or is reached through one: remove what it points to by hand"


def entries() -> list[Entry]:
    """What there is of both. Raises OSError."""
    return [*_catalogue(cache.place("", "").parent), *_compile(own_cache.place(os.environ))]


def _catalogue(place: Path) -> Iterator[Entry]:
    """Each file of the catalogue's cache by itself: one for each payload, of which an update leaves the old ones."""
    if not place.is_dir() or _is_linked(place):
        return
    for path in sorted(place.iterdir()):
        if CATALOGUE_FILE.fullmatch(path.name) and is_regular(path) and _holds_catalogue(path):
            seen = extent.of(path)
            yield Entry("catalogue", path, seen.identity, seen.size_bytes, seen.files, seen.written)


def _holds_catalogue(path: Path) -> bool:
    """Whether it begins as `Catalogue` is written: parsing hundreds of them whole would take seconds."""
    try:
        with path.open("rb") as handle:
            return handle.read(len(BEGINNING)) == BEGINNING
    except OSError:
        return False


def _compile(place: Path) -> Iterator[Entry]:
    if not place.exists():
        return
    if _is_linked(place):
        now = datetime.now(timezone.utc)
        yield Entry("compile", place, (0, 0), 0, 0, now, keep=LINKED)
        return
    seen = extent.of(place)
    keep = _user_of(place) if own_cache.is_tagged(place) else UNTAGGED
    yield Entry("compile", place, seen.identity, seen.size_bytes, seen.files, seen.written, keep=keep)


def _is_linked(place: Path) -> bool:
    """Whether the folder itself, or auditor's own folder around it, is a link: then it may hold anything."""
    return place.is_symlink() or place.parent.is_symlink()


def _user_of(place: Path) -> str:
    """Why it must stay: a process that compiles into it now; empty if none is known."""
    for process in psutil.process_iter():
        try:
            used = process.environ().get("TORCHINDUCTOR_CACHE_DIR") == str(place)
        except (psutil.Error, OSError):  # another user's, or it has ended
            continue
        if used:
            return f"process {process.pid} compiles into it now ({visible(process.name())}): wait for its end"
    return ""
