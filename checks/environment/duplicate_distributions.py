"""
Every package is installed once.

Why: where a package has two metadata folders, tools report the version of the first one they find, which need not be
the version of the imported code (https://docs.python.org/3/library/importlib.metadata.html). This happens when an
upgrade is interrupted, or when a user folder, a container layer or PYTHONPATH covers another installation.

Remedy: uninstall the package until pip finds none, delete its remaining files, and install it again. Remove folders
with other installations from `PYTHONPATH`.
"""

from __future__ import annotations

import os
import sys

from ..declare import Check
from . import _installed

CHECK = Check(tier="quick", rule="expected")
ONCE = "installed once"


def measure(settings):
    """Names with more than one metadata folder on `sys.path`, with their versions in order of precedence."""
    seen, folders = {}, set()
    for entry in sys.path:
        folder = os.path.realpath(entry or os.curdir)
        if folder in folders or not os.path.isdir(folder):
            continue
        folders.add(folder)
        for name, found in _installed.distributions([folder]):
            seen.setdefault(name, []).append(found.version or "no version")
    twice = {name: versions for name, versions in seen.items() if len(versions) > 1}
    observed = "%d more than once" % len(twice) if twice else "each " + ONCE
    reading = {"packages": {"expected": "each " + ONCE, "observed": observed}}
    for name, versions in twice.items():
        reading[name] = {"expected": ONCE, "observed": "%d times: %s" % (len(versions), ", ".join(versions))}
    return reading
