"""Starts the recorder of `auditor audit -- COMMAND` in one process, before the program runs."""

VARIABLE = "AUDITOR_SIGNATURES"


def start(here):
    """Record this process from here on. `here` is the folder on `PYTHONPATH` that holds this file."""
    __import__("_carrier").begin_session(here, VARIABLE, __file__)
