"""Facts about installed files: their sizes against those that their wheels recorded (PEP 376)."""

from __future__ import annotations

import csv
import os

from .. import fact
from ..fact import probe
from . import _distributions, _limits

SIZES_SECONDS = 10.0
"""For 34,000 files that lie in the page cache it takes 0.1 s; on a cold network drive minutes."""


def resized():
    """`PATH: N byte, not M` and `PATH: gone`, sorted, of every file that is not as long as RECORD says."""
    found = []
    for folder in _distributions.metadata_folders():
        record = os.path.join(folder, "RECORD")
        if folder.endswith(".dist-info") and os.path.isfile(record):
            found.extend(_differences(os.path.dirname(folder), record))
    return sorted(found)


def _differences(root, record):
    with open(record, encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if len(row) < 3 or not row[2].isdigit():
                continue  # RECORD itself and bytecode have no size
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
        "installed files whose size RECORD does not know",
        "RECORD, os.stat",
        lambda: _limits.within(resized, seconds=SIZES_SECONDS),
    )
}
KEYS = fact.keys(PROBES)


def collect(request):
    """The one fact; neither at the end of a real run, which must not wait for it, nor where only a glance is wanted."""
    for name, what in (("passive", "at the end of a real run"), ("shallow", "in a shallow probe")):
        if request.get(name):
            return dict.fromkeys(PROBES, fact.unknown("34,000 files take 0.1 s or more: not compared %s" % what))
    return fact.answers(PROBES)
