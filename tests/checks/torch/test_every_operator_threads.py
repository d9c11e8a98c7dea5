import os

import pytest
import support
from planting import setup_file

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.slow,
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="more than one thread needs two processors"),
]

ID = "torch-every-operator-threads"
NAMES = ["sinh float32", "cosh float32"]


def test_what_the_thread_count_moves_is_recorded_and_not_failed(tmp_path):
    """An operator that follows the thread count is named in a pass, and one that does not is not."""
    setup = setup_file(tmp_path, "real = torch.sinh\ntorch.sinh = lambda x: real(x) * torch.get_num_threads()\n")

    verdict = support.verdict(ID, setup=setup, names=NAMES)

    assert "pass" == verdict.outcome
    assert ["sinh float32"] == verdict.evidence["factors"]["threads"]


def test_operators_that_ignore_the_thread_count_agree():
    """Without the fault the same operators give the same bits with one thread and with many."""
    verdict = support.verdict(ID, names=NAMES)

    assert "pass" == verdict.outcome
    assert "factors" not in verdict.evidence
