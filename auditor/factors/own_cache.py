"""The audit's own compile cache: where it is, and the tag by which it is recognised as ours."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

TAG_NAME = "CACHEDIR.TAG"
TAG = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# The compile cache of auditor, which `auditor clean` may remove. See https://bford.info/cachedir/\n"
)
"""The first line is that of the Cache Directory Tagging Specification; the second one says whose cache it is."""


def place(user: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/auditor/compile`, else the same below `~/.cache`."""
    base = user.get("XDG_CACHE_HOME") or str(Path(user.get("HOME", "/tmp")) / ".cache")  # noqa: S108 - no home, no choice
    return Path(base) / "auditor" / "compile"


def tag(folder: Path) -> None:
    """Make the folder and its tag. One that cannot be written is not ours to clean, and only costs time."""
    with contextlib.suppress(OSError):
        if is_tagged(folder):
            return
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        with open(handle, "wb") as target:  # noqa: PTH123 - a descriptor, not a path
            target.write(TAG)
        Path(name).replace(folder / TAG_NAME)


def is_tagged(folder: Path) -> bool:
    """Whether it carries our tag; a link to one does not count."""
    path = folder / TAG_NAME
    try:
        return not path.is_symlink() and path.is_file() and path.read_bytes() == TAG
    except OSError:
        return False
