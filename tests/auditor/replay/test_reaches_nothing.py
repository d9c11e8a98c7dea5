"""Whole replays of programs of torch that differ only in the workspace of an operator."""

from __future__ import annotations

import pytest
from support import AUDITED
from test_session import guilty_line, replayed

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_a_workspace_that_nothing_reads_is_no_difference(tmp_path):
    """It is told as a note."""
    result = replayed("torch_vanished", tmp_path, python=AUDITED, runs=2)
    (told,) = result.vanished
    assert result.operations_equal is False

    assert ("identical", None) == (result.verdict, result.divergence)
    assert ("mine::forward", "mine::backward") == (told.op, told.taken_by)
    assert guilty_line("torch_vanished") == told.source.line


@pytest.mark.exhaustive
def test_a_workspace_whose_sign_is_read_is_one(tmp_path):
    """Though all that came after it was equal in these runs."""
    result = replayed("torch_absorbed", tmp_path, python=AUDITED, runs=2)

    assert ("diverged", [], True) == (result.verdict, result.vanished, result.divergence.absorbed)
    assert guilty_line("torch_absorbed") == result.divergence.source.line
