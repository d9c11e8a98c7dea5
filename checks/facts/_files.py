"""Small files of /proc and /sys as text, numbers and lists; a missing file raises the fitting fact state."""

from __future__ import annotations

import os

from .. import fact
from ..declare import NotApplicable


def text(path):
    """The stripped text of a file. Raises NotApplicable when there is no such file, Unknown when it may not be read."""
    try:
        with open(path, "rb") as handle:
            return os.fsdecode(handle.read()).strip().strip("\0")
    except (FileNotFoundError, NotADirectoryError):
        raise NotApplicable("%s does not exist here" % path) from None
    except (PermissionError, OSError) as problem:
        raise fact.Unknown("%s cannot be read: %s" % (path, problem.strerror or problem)) from None


def integer(path):
    """The integer in a file."""
    return int(text(path))


def chosen(path):
    """The word in brackets of a file such as `always [madvise] never`; the whole text without brackets."""
    content = text(path)
    return content.split("[", 1)[1].split("]", 1)[0] if "[" in content else content


def first(*paths):
    """The text of the first file that exists. Raises as `text` does for the last one when there is none."""
    for path in paths[:-1]:
        try:
            return text(path)
        except NotApplicable:
            continue  # try the next path; the last one decides
    return text(paths[-1])


def count_of(ranges):
    """How many numbers a kernel list such as `0-3,8` contains."""
    return len(numbers(ranges))


def numbers(ranges):
    """The numbers of a kernel list such as `0-3,8`."""
    found = []
    for part in ranges.split(","):
        if part:
            low, _, high = part.partition("-")
            found.extend(range(int(low), int(high or low) + 1))
    return found


def numbered(folder, prefix):
    """Paths of a folder's entries named `prefix` + number, in numeric order; may be empty."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    wanted = [name for name in names if name.startswith(prefix) and name[len(prefix) :].isdigit()]
    return [os.path.join(folder, name) for name in sorted(wanted, key=lambda name: int(name[len(prefix) :]))]
