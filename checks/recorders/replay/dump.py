"""
Writes the inputs and outputs of one operation as files, when the request names that operation (`dump`).

They are raw bytes and one JSON document: the host compares two runs without the framework, and a script can call the
operator again. An error while dumping is written into the JSON; recording continues.
"""

from __future__ import annotations

import json
import os

MOST_BYTES = 1 << 30
"""Limit for the inputs, and for the outputs, of the operation together."""
MOST_BLOCKS_OF_TEXTS = 1 << 9
"""Most 32-byte blocks that the texts of an operation (name, site, meta, arguments) take before its record."""
FILE_MODE = 0o600


def requested(process):
    """The operation that this run's request names (`lineage`, `ordinal`, `at`); None for none."""
    try:
        with open(os.path.join(process.folder, "request.json"), encoding="utf-8") as handle:
            return json.load(handle).get("dump")
    except (OSError, ValueError):
        return None


def save(folder, written):
    """Create the folder and write the document that `written()` returns, or its error. Raises nothing."""
    try:
        os.mkdir(folder)
        document = written()
    except Exception as problem:
        document = {"problem": "%s: %s" % (type(problem).__name__, problem)}
    try:
        with open(os.path.join(folder, "dump.json"), "w", encoding="utf-8") as handle:
            json.dump(document, handle)
    except OSError:
        return  # the disk is full or not writable: the host reports that the dump is missing
