"""
Reads the facts of the process (versions, switches, threads) when it exits; for a trace that is kept (`--record`).

The recorder of `auditor probe -- COMMAND` does it. Its reply files lie in a folder of their own, beside the streams.
"""

from __future__ import annotations

import atexit
import os

from ...exit_facts import _exit_facts

FOLDER = "facts"


class _Place:
    """What that recorder needs of a carrier; the one of this process carries the variables of both."""

    def __init__(self, carrier):
        self.replies = os.path.join(carrier.replies, FOLDER)
        self.parent = carrier.parent
        self.is_spawning = carrier.is_spawning

    def name_parent(self, token):
        """Nothing: children get their lineage from the carrier of this process."""


def follow(carrier):
    """Read the facts at exit. Call it before the streams' own exit handler is registered, which then runs first."""
    recorder = _exit_facts.Recorder(_Place(carrier))
    if recorder.program.startswith(_exit_facts.HELPERS):
        return
    recorder.begin()
    os.register_at_fork(after_in_child=recorder.forked)
    atexit.register(recorder.take)
    recorder.come_before_jax()
