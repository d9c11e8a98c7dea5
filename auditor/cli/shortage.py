"""Errors of the machine, not of the program: a full disk, a read-only one, no memory, no more open files."""

from __future__ import annotations

import errno
import tempfile

from ..errors import AuditorError

SHORTAGES = {
    errno.ENOSPC: "Make room",
    errno.EDQUOT: "Make room, or raise your quota",
    errno.EROFS: "Set TMPDIR to a writable folder, and name a writable one with --output",
    errno.ENOMEM: "Free memory",
    errno.EMFILE: "Raise the limit of open files (`ulimit -n`)",
    errno.ENFILE: "Raise the machine's limit of open files",
    errno.EIO: "Look into the kernel's log: a disk or a network drive fails",
}
"""Error number to what helps."""
LOST = "The command was not finished: do not use any result of this run."


def told(problem: OSError) -> AuditorError | None:
    """The error as one for the user; None if it is none of the machine's."""
    if problem.errno in SHORTAGES:
        place = f"{problem.filename}: " if problem.filename else ""
        return AuditorError(f"{place}{problem.strerror}", f"{LOST} {SHORTAGES[problem.errno]}, and run it again.")
    if isinstance(problem, FileNotFoundError) and not _has_scratch():
        return AuditorError(
            "there is no folder for temporary files: /tmp and the others cannot be written",
            f"{LOST} Set TMPDIR to a writable folder with free space, and run it again.",
        )
    return None


def _has_scratch() -> bool:
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return False
    return True
