"""Facts about installed files: what their wheels recorded, and whether sizes still agree (PEP 376)."""

from __future__ import annotations

import csv
import hashlib
import os

from .. import fact
from ..fact import probe
from . import _distributions, _limits, _record

SIZES_SECONDS = 10.0
"""For 34,000 files in the page cache it takes 0.1 s; on a cold network drive minutes."""


def resized():
    """`PATH: N byte, not M` and `PATH: gone`, sorted, of every file whose size differs from RECORD."""
    found = []
    for folder in _distributions.metadata_folders():
        record = os.path.join(folder, "RECORD")
        if folder.endswith(".dist-info") and os.path.isfile(record):
            found.extend(_differences(os.path.dirname(folder), record))
    return sorted(found)


def records():
    """
    Name to a SHA-256 over the file digests in its RECORD, which identifies the wheel beyond name and version.

    It omits what differs between two installations of one wheel: scripts outside of the packages' folder (they name
    the interpreter), bytecode, and files that installers add.
    """
    found = {}
    for folder in _distributions.metadata_folders():
        record = os.path.join(folder, "RECORD")
        name = _distributions.name_of(folder)
        if name and name not in found and folder.endswith(".dist-info") and os.path.isfile(record):
            found[name] = _content(record)
    return dict(sorted(found.items()))


def _content(record):
    with open(record, encoding="utf-8", newline="") as lines:
        rows = sorted(
            row[:2] for row in csv.reader(lines) if len(row) > 1 and row[1] and not _record.of_one_environment(row[0])
        )
    return hashlib.sha256("".join("%s,%s\n" % tuple(row) for row in rows).encode("utf-8", "replace")).hexdigest()


def _differences(root, record):
    with open(record, encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if len(row) < 3 or not row[2].isdigit() or _record.rewritten(row[0]):
                continue
            try:
                size = os.stat(root + "/" + row[0]).st_size
            except OSError:
                yield "%s: gone" % row[0]
                continue
            if size != int(row[2]):
                yield "%s: %d byte, not %s" % (row[0], size, row[2])


PROBES = {
    "python.distributions.resized": probe(
        "software",
        "installed files whose size differs from RECORD",
        "RECORD, os.stat",
        lambda: _limits.within(resized, seconds=SIZES_SECONDS),
    ),
    "python.distributions.records": probe(
        "software",
        "digest over the file digests in each distribution's RECORD",
        "RECORD",
        lambda: _limits.within(records, seconds=SIZES_SECONDS),
    ),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Both facts, except at the end of a real run, which must not wait, and in a shallow probe."""
    for name, what in (("passive", "at the end of a real run"), ("shallow", "in a shallow probe")):
        if request.get(name):
            return dict.fromkeys(PROBES, fact.unknown("34,000 files take 0.1 s or more: not compared %s" % what))
    return fact.answers(PROBES)
