"""
Packages installed in place are clean checkouts.

Why: an editable installation runs whatever its folder holds at that moment. Uncommitted changes take part in the
experiment but are recorded nowhere: no version number and no commit identifies the code (PEP 610 records only where it
came from).

Remedy: commit the changes and note the commit. Or install a built wheel instead of `pip install -e`.
"""

from __future__ import annotations

import json
import os
import subprocess
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..declare import Check, NotApplicable
from . import _installed

CHECK = Check(tier="quick", rule="expected")
CLEAN = "a clean checkout"
GIT = ("git", "-c", "core.fsmonitor=false", "status", "--porcelain", "--", ".")
"""Without the file system monitor, a program that the checkout's own settings name."""
TIMEOUT_SECONDS = 30


def measure(settings):
    """Whether git finds changes in the folder of each editable installation."""
    reading, unjudged = {}, []
    for name, found in sorted(_installed.installed().items()):
        folder = _editable_folder(found)
        if folder is None:
            continue
        state = _state(folder)
        if state is None:
            unjudged.append(name)
        else:
            reading[name] = {"expected": CLEAN, "observed": state}
    if not reading:
        raise NotApplicable("no editable installation is a git checkout (not judged: %s)" % (unjudged or "none"))
    return dict(reading, conditions={"not judged": unjudged})


def _editable_folder(found):
    """The folder of an editable installation (PEP 610), else None."""
    try:
        record = json.loads(found.read_text("direct_url.json") or "{}")
        url = urlsplit(record.get("url", ""))
        editable = record.get("dir_info", {}).get("editable")
    except (ValueError, AttributeError):  # damaged metadata
        return None
    return url2pathname(url.path) if editable and url.scheme == "file" else None


def _state(folder):
    """`CLEAN`, or how many files changed; None if git fails."""
    quiet = dict(os.environ, GIT_OPTIONAL_LOCKS="0")  # status must not write
    try:
        done = subprocess.run(GIT, cwd=folder, env=quiet, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    changed = len(done.stdout.splitlines())
    return None if done.returncode else "%d files changed" % changed if changed else CLEAN
