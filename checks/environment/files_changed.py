"""
The frameworks' files have the sizes that they were installed with.

Why: a patched file in `site-packages`, a damaged disk or an interrupted upgrade changes results while every version
number stays the same (https://packaging.python.org/en/latest/specifications/recording-installed-packages/). The check
compares only sizes, which is fast; it misses a change that keeps the size. It leaves out what Python and installers
write anew (bytecode, scripts, their own notes), and files whose size or digest was not recorded.

Remedy: reinstall the named package with `pip install --force-reinstall --no-deps NAME==VERSION`.
"""

from __future__ import annotations

import csv
import os

from ..declare import Check, NotApplicable
from ..facts import _record
from . import _installed

CHECK = Check(tier="quick", rule="expected")
NAMES_SHOWN = 10
AS_INSTALLED = "sizes as in RECORD"


def measure(settings):
    """For each framework's distributions and NumPy: files that are missing or whose size differs from RECORD."""
    reading, table = {}, _installed.installed()
    names = [name for group in _installed.FRAMEWORKS.values() for name in group]
    for name in (*names, "numpy"):
        record = table[name].read_text("RECORD") if name in table else None
        if record:
            reading["%s %s" % (name, table[name].version)] = _compare(table[name], record)
    if not reading:
        raise NotApplicable("neither a framework nor NumPy is installed with a RECORD of its files")
    return reading


def _compare(found, record):
    """The reading of one distribution."""
    changed, root = [], str(found.locate_file(""))
    for row in csv.reader(record.splitlines()):
        if _is_recorded(row):
            try:
                size_bytes = os.stat(os.path.join(root, row[0])).st_size
            except OSError:
                changed.append("%s (missing)" % row[0])
                continue
            if size_bytes != int(row[2]):
                changed.append("%s (%d bytes, not %s)" % (row[0], size_bytes, row[2]))
    more = " and %d more" % (len(changed) - NAMES_SHOWN) if len(changed) > NAMES_SHOWN else ""
    observed = ", ".join(changed[:NAMES_SHOWN]) + more if changed else AS_INSTALLED
    return {"expected": AS_INSTALLED, "observed": observed}


def _is_recorded(row):
    """Whether a row of RECORD states the size and the digest of a file that stays as it was installed."""
    return len(row) == 3 and bool(row[1]) and row[2].isdigit() and not _record.of_one_environment(row[0])
