"""
Starts the recorder of `auditor audit -- COMMAND` in one process, before the program runs.

It loads the payload under its private name, as `__main__.py` does, and calls `session.begin`.
"""

import importlib
import importlib.util
import json
import os
import sys

VARIABLE = "AUDITOR_SIGNATURES"


def start(here):
    """Record this process from here on. `here` is the folder on `PYTHONPATH` that holds this file."""
    carrier = __import__("_carrier").Carrier(here, VARIABLE)
    with open(os.path.join(carrier.replies, "request.json"), encoding="utf-8") as handle:
        request = json.load(handle)
    session = _payload(os.path.realpath(__file__), request.get("bytecode"))
    session.begin(carrier, request)


def _payload(file, bytecode):
    """The module `session` of the payload; its bytecode goes to the host's scratch folder."""
    checks = os.path.dirname(os.path.dirname(os.path.dirname(file)))
    before = sys.dont_write_bytecode, sys.pycache_prefix
    sys.dont_write_bytecode, sys.pycache_prefix = not bytecode, bytecode
    try:
        spec = importlib.util.spec_from_file_location("_auditor_entry", os.path.join(checks, "__main__.py"))
        entry = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(entry)
        entry._load_payload(checks)
        return importlib.import_module("_auditor_checks.recorders.signatures.session")
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = before
