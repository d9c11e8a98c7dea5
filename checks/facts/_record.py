"""Installed files and the digests that their wheels recorded (PEP 376): detects a patched site-packages."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import re

_BLOCK_BYTES = 1 << 20
_OF_INSTALLERS = (
    *("INSTALLER", "REQUESTED", "direct_url.json", "RECORD"),
    *("uv_cache.json", "uv_build.json", "provenance_url.json"),
)
"""Files that installers write into a dist-info folder."""
_SHA256 = re.compile(r"sha256=[A-Za-z0-9_-]{43}")


def rewritten(name):
    """Whether Python or an installer writes this file anew: bytecode, and what is added to a dist-info folder."""
    base = os.path.basename(name)
    return base.endswith(".pyc") or (".dist-info/" in name and base in _OF_INSTALLERS)


def of_one_environment(name):
    """Whether this file differs between two installations of one wheel: also scripts, which name the interpreter."""
    return name.startswith(("..", "/")) or rewritten(name)


def differences(folders):
    """
    (changed, missing): files whose digest differs from the recorded one, and recorded files that are gone, both sorted.

    `folders` are dist-info folders; files without a recorded digest and those that are `rewritten` are ignored.
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


def stated(paths, folders):
    """
    Path to the SHA-256 (hexadecimal) that RECORD states for it, for files that are unchanged since installation.

    `paths` are real paths, `folders` dist-info folders. A file whose length differs from RECORD's, or written after its
    RECORD (which an installer writes last), was changed: nothing is stated for it.
    """
    wanted = {path: os.stat(path) for path in paths}
    found = {}
    for folder in sorted(folders, key=lambda folder: not _likely(folder, wanted)):
        if len(found) == len(wanted):
            break
        root = os.path.realpath(os.path.dirname(folder))
        below = {path[len(root) + 1 :]: path for path in wanted if path.startswith(root + "/") and path not in found}
        for name, digest in _stated_in(os.path.join(folder, "RECORD"), below, wanted):
            found[below[name]] = digest
    return found


def _likely(folder, paths):
    """Whether a distribution's name starts the relative path of a wanted file: its RECORD is then read first."""
    name = os.path.basename(folder).lower()
    places = (path[len(os.path.dirname(folder)) + 1 :].split("/")[0].partition(".")[0].lower() for path in paths)
    return any(place and name.startswith(place) for place in places)


def _stated_in(record, below, wanted):
    """Name and digest of each wanted file that this RECORD describes and that is unchanged on disk."""
    try:
        with open(record, "rb") as handle:
            content, written = b"\n" + handle.read(), os.fstat(handle.fileno()).st_mtime_ns
    except OSError:  # an installation without a RECORD, which PEP 376 allows, states nothing
        return
    for name, path in below.items():
        row = _row(content, name)
        unchanged = row[2:3] == [str(wanted[path].st_size)] and wanted[path].st_mtime_ns <= written
        if unchanged and _SHA256.fullmatch(row[1]):
            yield name, base64.urlsafe_b64decode(row[1][len("sha256=") :] + "=").hex()


def _row(content, name):
    """The row of a file in a RECORD's bytes, to which a leading line end was added; empty if there is none."""
    quoted = '"%s"' % name.replace('"', '""') if '"' in name or "," in name else name
    start = content.find(os.fsencode("\n%s," % quoted)) + 1
    end = content.find(b"\n", start)
    line = content[start : end if end > 0 else len(content)] if start else b""
    try:
        return next(csv.reader([os.fsdecode(line)]), [])
    except csv.Error:  # a malformed line states nothing
        return []


def _recorded(path):
    """Name, algorithm and digest of each line that has one."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if len(row) >= 2 and "=" in row[1] and not rewritten(row[0]):
                algorithm, _, recorded = row[1].partition("=")
                yield row[0], algorithm, recorded


def _digest(path, algorithm):
    """The digest as RECORD writes it: URL-safe base64 without padding."""
    state = hashlib.new(algorithm)
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(_BLOCK_BYTES), b""):
            state.update(block)
    return base64.urlsafe_b64encode(state.digest()).decode("ascii").rstrip("=")
