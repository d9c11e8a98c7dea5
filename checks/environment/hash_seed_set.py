"""
The string hash seed is a fixed number.

Why: Python chooses a new hash seed for every process, and the order of every set of strings depends on it. It must be
set before the process starts (https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED; keras#2280).
`python-hash-seed` measures whether the order of a set depends on it here.

Remedy: export `PYTHONHASHSEED=0` in the job that launches training.
"""

from __future__ import annotations

from ..declare import Check
from . import _started

CHECK = Check(tier="quick", rule="expected", remedy_env={"PYTHONHASHSEED": "0"})


def measure(settings):
    """The value of PYTHONHASHSEED when the process started."""
    return _started.lint("PYTHONHASHSEED", str.isdigit, "a fixed number")
