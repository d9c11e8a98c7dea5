"""
The string hash seed is a fixed number.

Why: Python draws it anew for every process, and the order of every set of strings follows it; it must be set before the
process starts (https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED; keras#2280). Whether anything here
depends on it is measured by `python-hash-seed`.

Remedy: export `PYTHONHASHSEED=0` in the job that launches training.
"""

from __future__ import annotations

from ..declare import Check
from . import _started

CHECK = Check(severity="low", tier="quick", rule="expected", remedy_env={"PYTHONHASHSEED": "0"})


def measure(settings):
    """What PYTHONHASHSEED was when the process started."""
    return _started.lint("PYTHONHASHSEED", str.isdigit, "a fixed number")
