"""
The inputs and outputs of one operation as files, when the request names its place (`dump`).

Raw bytes and a JSON, so that the host can compare two runs without torch, and a script can call the operator again. An
error of ours is written into the JSON and ends the dump; the recording goes on.
"""

from __future__ import annotations

import json
import os

MOST_BYTES = 1 << 30
"""Of all inputs and outputs together."""
MOST_BLOCKS_OF_TEXTS = 1 << 9
"""What an operation's name, line, meta and arguments may take before its record."""
FILE_MODE = 0o600


def requested(process):
    """The place that the request of this run names; None for none."""
    try:
        with open(os.path.join(process.folder, "request.json"), encoding="utf-8") as handle:
            return json.load(handle).get("dump")
    except (OSError, ValueError):
        return None


def save(folder, written):
    """Make the folder and write what `written()` gives, or the error that it raises. Raises nothing."""
    try:
        os.mkdir(folder)
        document = written()
    except Exception as problem:
        document = {"problem": "%s: %s" % (type(problem).__name__, problem)}
    try:
        with open(os.path.join(folder, "dump.json"), "w", encoding="utf-8") as handle:
            json.dump(document, handle)
    except OSError:
        return  # the disk is full or the folder is not ours: the host finds no dump, and says so
