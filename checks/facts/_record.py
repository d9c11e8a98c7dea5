"""Installed files against the digests that their wheel recorded (PEP 376): a patched site-packages is seen."""

from __future__ import annotations

import base64
import csv
import hashlib
import os

_BLOCK_BYTES = 1 << 20


def differences(folders):
    """
    (changed, missing): files whose digest is not the recorded one, and recorded files that are gone, both sorted.

    `folders` are dist-info folders; files that RECORD names without a digest (bytecode, RECORD itself) do not count.
    """
    changed, missing = [], []
    for folder in folders:
        root = os.path.dirname(folder)
        for name, algorithm, recorded in _recorded(os.path.join(folder, "RECORD")):
            path = os.path.join(root, name)
            if not os.path.exists(path):
                missing.append(name)
            elif _digest(path, algorithm) != recorded:
                changed.append(name)
    return sorted(changed), sorted(missing)


def _recorded(path):
    """Name, algorithm and digest of each line that has one."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if len(row) >= 2 and "=" in row[1]:
                algorithm, _, recorded = row[1].partition("=")
                yield row[0], algorithm, recorded


def _digest(path, algorithm):
    """The digest as RECORD writes it: URL-safe base64 without padding."""
    state = hashlib.new(algorithm)
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(_BLOCK_BYTES), b""):
            state.update(block)
    return base64.urlsafe_b64encode(state.digest()).decode("ascii").rstrip("=")
