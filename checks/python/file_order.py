"""
Two folders with the same files list them in the same order.

Why: a program that uses files in the listed order trains on another order of examples on another machine, or after the
data was copied (datasets#3857, torchvision#192, VeOmni#330). The file system decides the order: by name, by a hash, or
by the history of the folder. The check lists two folders whose equal files were created in different orders.

Remedy: sort what `os.listdir`, `os.scandir`, `glob.glob` and `Path.iterdir` return before using it.
"""

from __future__ import annotations

import glob
import os
import tempfile

from ..declare import Check

CHECK = Check(
    tier="full",
    rule="expected",
    documented={"*": "https://docs.python.org/3/library/os.html#os.listdir (arbitrary order)"},
)
NAMES = ["example-%02d" % number for number in (7, 2, 11, 5, 0, 9, 3, 10, 1, 8, 4, 6)]
LEFT_OVER = "deleted-before-the-listing"


def measure(settings):
    """For each function, the listing of a folder and of one that was filled backwards with a deletion in between."""
    with tempfile.TemporaryDirectory(prefix="auditor-order-") as base:
        first = _filled(os.path.join(base, "first"), NAMES)
        other = _filled(os.path.join(base, "other"), [*NAMES[:6], LEFT_OVER, *NAMES[6:]][::-1])
        os.remove(os.path.join(other, LEFT_OVER))
        return {
            name: {"expected": " ".join(names(first)), "observed": " ".join(names(other))}
            for name, names in (("os.listdir", os.listdir), ("os.scandir", _scanned), ("glob.glob", _globbed))
        }


def _filled(folder, names):
    os.mkdir(folder)
    for name in names:
        with open(os.path.join(folder, name), "wb"):
            pass
    return folder


def _scanned(folder):
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _globbed(folder):
    return [os.path.basename(path) for path in glob.glob(os.path.join(glob.escape(folder), "*"))]
