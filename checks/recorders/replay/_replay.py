"""
The recorder in one process of an experiment: started before the program, carried into its children.

The payload is loaded under its private name, as its door does it; from then on `session.py` does the work.
"""

import importlib
import importlib.util
import json
import os
import sys

VARIABLE = "AUDITOR_REPLAY"


def start(here):
    """Begin to record this process. `here` is the folder on `PYTHONPATH` that holds this file."""
    carrier = __import__("_carrier").Carrier(here, VARIABLE)
    with open(os.path.join(carrier.replies, "request.json"), encoding="utf-8") as handle:
        request = json.load(handle)
    session = _payload(os.path.realpath(__file__), request.get("bytecode"))
    session.begin(carrier, request)


def _payload(file, bytecode):
    """The payload's module, its bytecode in the host's scratch folder."""
    checks = os.path.dirname(os.path.dirname(os.path.dirname(file)))
    before = sys.dont_write_bytecode, sys.pycache_prefix
    sys.dont_write_bytecode, sys.pycache_prefix = not bytecode, bytecode
    try:
        spec = importlib.util.spec_from_file_location("_auditor_entry", os.path.join(checks, "__main__.py"))
        entry = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(entry)
        entry._load_payload(checks)
        return importlib.import_module("_auditor_checks.recorders.replay.session")
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = before
