"""What tests of JAX's checks share: one process's readings, judged by the rules' own code."""

from __future__ import annotations

import outcomes
import support

from auditor.interpreter.replies import Ok
from auditor.manifest.agreement import agreement_class


def values(check_id, tmp_path, fault="", **more):
    """The values of one reading in a fresh process with a fault planted."""
    setup = tmp_path / "setup.py"
    setup.write_text(fault)
    reply = support.measure(check_id, setup=str(setup), **more)
    assert isinstance(reply, Ok), reply
    return reply.repeats[0]


def beyond(check_id, tmp_path, fault=""):
    """The names of a reading that are beyond rounding, and how many names there are."""
    told = {name: value for name, value in values(check_id, tmp_path, fault).items() if name != "conditions"}
    return _noted(check_id, {name for name, value in told.items() if agreement_class(value) == "beyond"}, len(told))


def broken(check_id, tmp_path, fault="", **more):
    """The names of a reading whose observed value is not the expected one, and how many names there are."""
    told = {name: pair for name, pair in values(check_id, tmp_path, fault, **more).items() if name != "conditions"}
    return _noted(check_id, {name for name, pair in told.items() if pair["expected"] != pair["observed"]}, len(told))


def _noted(check_id, blamed, total):
    outcomes.note_names(check_id, blamed, total)
    return blamed, total
