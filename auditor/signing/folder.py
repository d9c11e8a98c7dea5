"""A folder's files: which there are, which are litter, and how each compares with its signed digest."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from .file_list import LIST_NAME, FileList, ListedFile

SAME = "same"
DIFFERS = "differs"
MISSING = "missing"
EXTRA = "extra"
LITTER = "ignored: made by an operating system"
CHUNK_BYTES = 1 << 20

LITTER_NAMES = (
    *(".DS_Store", "._*", ".localized", "Icon\r"),  # macOS
    *("Thumbs.db", "ehthumbs.db", "desktop.ini", "Desktop.ini"),  # Windows
    *(".directory", ".fuse_hidden*", ".nfs*"),  # Linux: a desktop, and open files that were removed
)
LITTER_FOLDERS = ("__MACOSX",)
"""Zip files of macOS keep resource forks in it."""
GIT_FILES = {".gitignore": b"*\n", ".gitattributes": b"* -text\n"}
"""Hidden files that auditor writes for git: in no list, absent from some copies, and never with another content."""


@dataclass(frozen=True)
class FolderComparison:
    """The comparison of an audit folder's files with what was signed."""

    files: dict[str, str]
    """Relative path to `same`, `differs`, `missing`, `extra`, or the reason why it was not compared."""
    details: dict[str, str] = field(default_factory=dict)
    """Relative path to what is known about a difference: sizes, digests, line endings."""
    listed: bool = False
    """Whether the files were compared with a signed list; else they were rendered again."""

    def problems(self) -> list[str]:
        """One sentence for each file that is not what was signed."""
        told = {
            DIFFERS: f"does not match the signed {'list' if self.listed else 'manifest'}",
            MISSING: "is missing",
            EXTRA: "does not belong to the audit",
        }
        return [
            f"{name!a} {told[state]}" + (f": {self.details[name]}" if name in self.details else "")
            for name, state in sorted(self.files.items())
            if state in told
        ]


def present(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file and link below the folder, by relative path; links are not followed. Raises OSError."""
    for root, folders, names in os.walk(folder, onerror=_raise):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in names + links:
            path = Path(root) / name
            yield path.relative_to(folder).as_posix(), path


def _raise(problem: OSError) -> None:
    raise problem


def is_litter(relative: str) -> bool:
    """Whether an operating system leaves such a file in any folder that a person opens or copies."""
    *folders, name = relative.split("/")
    return any(fnmatchcase(name, pattern) for pattern in LITTER_NAMES) or not {*LITTER_FOLDERS}.isdisjoint(folders)


def git_state(path: Path, content: bytes) -> str:
    """The state of a file for git that is there; a checkout may have changed its line ending."""
    return SAME if is_regular(path) and _read(path, 64) in (content, content.replace(b"\n", b"\r\n")) else DIFFERS


def is_regular(path: Path) -> bool:
    """Whether it is a file, and not a link to one."""
    return stat.S_ISREG(path.lstat().st_mode)


def compare_listed(folder: Path, listed: FileList, known: frozenset[str]) -> FolderComparison:
    """Compare every file of the folder with the list; `known` names those that verify by themselves. Raises OSError."""
    states: dict[str, str] = {}
    details: dict[str, str] = {}
    there = {name: path for name, path in present(folder) if name not in known and name != LIST_NAME}
    for name, wanted in listed.files.items():
        path = there.pop(name, None)
        states[name], detail = _missing(wanted) if path is None else _compared(path, wanted)
        if detail:
            details[name] = detail
    for name, path in there.items():
        if name not in GIT_FILES:
            states[name] = LITTER if is_litter(name) else EXTRA
        elif git_state(path, GIT_FILES[name]) != SAME:
            states[name] = DIFFERS
            details[name] = "it is not the one that auditor writes; remove it"
    return FolderComparison(states, details, listed=True)


def _missing(wanted: ListedFile) -> tuple[str, str]:
    size = "" if wanted.size_bytes is None else f"{wanted.size_bytes} bytes, "
    return MISSING, f"{size}sha256 {wanted.sha256}"


def _compared(path: Path, wanted: ListedFile) -> tuple[str, str]:
    if not is_regular(path):
        return DIFFERS, "it is a link or a special file"
    digest, size = digest_of(path)
    if digest == wanted.sha256:
        return SAME, ""
    if size < (wanted.size_bytes or 0) * 2 + CHUNK_BYTES and _only_line_endings(path, wanted):
        return DIFFERS, (
            "only its line endings were changed, from LF to CRLF, as git does with core.autocrlf; "
            "check it out again with `git config core.autocrlf false`"
        )
    signed = "" if wanted.size_bytes is None else f"{wanted.size_bytes} bytes with "
    return DIFFERS, f"it has {size} bytes with sha256 {digest}, signed were {signed}sha256 {wanted.sha256}"


def _only_line_endings(path: Path, wanted: ListedFile) -> bool:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest() == wanted.sha256


def digest_of(path: Path) -> tuple[str, int]:
    """The sha256 (hex) and the length in bytes of a file. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as handle:
        while part := handle.read(CHUNK_BYTES):
            digest.update(part)
            size += len(part)
    return digest.hexdigest(), size


def _read(path: Path, limit_bytes: int) -> bytes:
    with path.open("rb") as handle:
        return handle.read(limit_bytes)
