"""The environment this process was started with: most libraries do not see later changes."""

from __future__ import annotations

import os

UNSET, LATE = "unset", "set after the process started"


def started_with(name):
    """A variable's value at the start of the process, else `UNSET`, or `LATE` if it was set since."""
    try:
        with open("/proc/self/environ", "rb") as handle:
            entries = handle.read().split(b"\0")
    except OSError:  # not Linux: only the current value is known
        return os.environ.get(name, UNSET)
    found = [entry.split(b"=", 1)[1] for entry in entries if entry.startswith(name.encode() + b"=")]
    if found:
        return os.fsdecode(found[-1])
    return LATE if name in os.environ else UNSET


def lint(name, accepts, expected):
    """The reading of one variable: `expected` if `accepts(value)`, else its value."""
    value = started_with(name)
    good = value not in (UNSET, LATE) and accepts(value)
    return {name: {"expected": expected, "observed": expected if good else value}}
