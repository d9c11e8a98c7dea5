"""Forks find what processes of their own find."""

import pytest
from judged import MARKS, TOGETHER, audited, findings
from support import AUDITED

from auditor.interpreter.launcher import Here

pytestmark = [*MARKS, pytest.mark.exhaustive]
RACES = {"tensorflow-thread-race", "tensorflow-thread-count"}
"""What differs there is chance on a busy machine."""


def test_an_audit_with_processes_of_their_own_has_the_same_findings():
    """The outcome of each check, and what is known of it, where no two processes share hash seed or memory layout."""
    own, forked = audited("", Here(AUDITED)), findings("")

    assert len(TOGETHER) == len(own)
    assert {name: (each.outcome, each.known) for name, each in own.items() if name not in RACES} == {
        name: (each.outcome, each.known) for name, each in forked.items() if name not in RACES
    }
