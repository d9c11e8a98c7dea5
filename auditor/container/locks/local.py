"""Wheels in a folder of the user, for distributions that no index has; the lock notes their origin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ...errors import AuditorError
from ...manifest.strict_json import shown
from . import zip_listing
from .choose import FileChoice, choose
from .pages import Listed, is_file_name, parsed
from .wanted import Wanted

BLOCK_BYTES = 1 << 20


def find(folder: Path, wanted: Wanted) -> FileChoice:
    """The wheels of this distribution in the folder, chosen as those of an index. Raises AuditorError."""
    try:
        chosen = choose(wanted, _listed(folder, wanted), _inside)
    except OSError as problem:
        raise AuditorError(
            f"{folder} cannot be read: {problem.strerror or problem}", "Nothing was locked and nothing written."
        ) from problem
    said = [f"FILE: {wanted} is {shown(one.filename)} of --wheels: no index gave its hash." for one in chosen.files]
    return FileChoice(chosen.files, (*said, *chosen.notes), chosen.problem)


def blocks(path: Path) -> Iterator[bytes]:
    """A file's bytes, block by block."""
    with path.open("rb") as handle:
        while block := handle.read(BLOCK_BYTES):
            yield block


def sha256(path: Path) -> str:
    """A file's digest, in hex."""
    state = hashlib.sha256()
    for block in blocks(path):
        state.update(block)
    return state.hexdigest()


def _listed(folder: Path, wanted: Wanted) -> Iterator[Listed]:
    """The folder's files of the wanted version."""
    for path in sorted(folder.iterdir()):
        found = parsed(path.name) if is_file_name(path.name) and path.is_file() else None
        if found and found[:2] == (wanted.name, wanted.version):
            yield Listed(path.name, "", sha256(path), (), None, found[2], path)


def _inside(listed: Listed) -> zip_listing.Tags:
    """The tags inside a wheel of the folder."""
    if listed.path is None:
        raise ValueError("not of a folder")
    with listed.path.open("rb") as handle:
        return zip_listing.tags_in(handle)
