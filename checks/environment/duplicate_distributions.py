"""
Every package is installed once.

Why: with two metadata folders of one name, the version that tools report need not be that of the code that is
imported: they take the first folder they find (https://docs.python.org/3/library/importlib.metadata.html). It happens
when an upgrade is interrupted, or when a user folder, a container layer or PYTHONPATH covers another installation.

Remedy: uninstall the package until pip finds none, delete what is left of it, and install it again; take folders with
other installations off `PYTHONPATH`.
"""

from __future__ import annotations

import os
import sys

from ..declare import Check
from . import _installed

CHECK = Check(severity="medium", tier="quick", rule="expected")
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
