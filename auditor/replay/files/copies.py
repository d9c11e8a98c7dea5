"""Copies of files: shared blocks where the file system can (reflink), else bytes; never a hard link."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from typing import BinaryIO

from .tree import Stamp, stamp

FICLONE = 0x40049409
"""`ioctl` of Linux that makes a file share another's blocks until one of them is written to."""
FREE_KEPT = 0.05
"""Copies leave at least this part of a file system free."""


def copied(source: str, target: str, *, only_reflink: bool = False) -> bool:
    """
    Copy a file or a link with its mode, times, owner and extended attributes; returns whether blocks are shared.

    Raises OSError: where it cannot be read or written, or with `only_reflink` where blocks cannot be shared.
    """
    if os.path.islink(source):  # noqa: PTH114 - paths are text here, a snapshot has thousands
        os.symlink(os.readlink(source), target)  # noqa: PTH115, PTH211
        shared = False
    else:
        with open(source, "rb") as old, open(target, "xb") as new:  # noqa: PTH123
            shared = _reflinked(old, new)
            if not shared:
                if only_reflink:
                    raise OSError("blocks cannot be shared here")
                shutil.copyfileobj(old, new, 1 << 20)
    shutil.copystat(source, target, follow_symlinks=False)
    state = os.lstat(source)
    if (state.st_uid, state.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(PermissionError):  # only root may give files away; then they stay ours
            os.chown(target, state.st_uid, state.st_gid, follow_symlinks=False)
            shutil.copystat(source, target, follow_symlinks=False)  # a new owner takes away set-user-id
    return shared


def _reflinked(old: BinaryIO, new: BinaryIO) -> bool:
    try:
        fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
    except OSError:  # the file system cannot, or the two lie on different ones
        return False
    return True


def kept_copy(source: str, target: str, seen: Stamp, *, only_reflink: bool = False) -> bool | None:
    """Copy what `seen` describes; whether blocks are shared, or None if it cannot be read or changed meanwhile."""
    try:
        shared = copied(source, target, only_reflink=only_reflink)
    except OSError:
        shared = None
    if shared is None or not seen.same(stamp(source)):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target)  # noqa: PTH108
        return None
    return shared


def place(source: str, target: str) -> bool:
    """
    Move an entry to a path on the same file system where there is none; returns whether it lies there now.

    Unlike a rename it never replaces what somebody else puts there at the same moment, where links can be made.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        if not _same_entry(source, target):
            return False
    except OSError:  # no links on this file system, or of this file
        if os.path.lexists(target):
            return False
        os.rename(source, target)  # noqa: PTH104
        return True
    os.unlink(source)  # noqa: PTH108
    return True


def _same_entry(first: str, second: str) -> bool:
    """Whether both are one file: we were stopped between the two halves of `place`."""
    one, two = os.lstat(first), os.lstat(second)
    return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)


def room(folder: str) -> int:
    """Bytes that copies may take on the file system of a folder."""
    state = os.statvfs(folder)
    return max(0, int(state.f_frsize * (state.f_bavail - FREE_KEPT * state.f_blocks)))
