import os

import outcomes
import pytest
import support
from planting import setup_file

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.slow,
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="more than one thread needs two processors"),
]


def test_what_the_thread_count_moves_is_recorded_and_not_failed(tmp_path):
    """An operator that follows the thread count is named in a pass, and one that does not is not."""
    setup = setup_file(
        tmp_path,
        """
        real = torch.nn.functional.grid_sample
        torch.nn.functional.grid_sample = lambda x, g, **more: real(x, g, **more) * torch.get_num_threads()
        """,
    )

    verdict = support.verdict("torch-thread-count", setup=setup)

    assert "pass" == verdict.outcome
    assert "grid_sample backward" in verdict.evidence["factors"]["threads"]
    assert "index_add_" not in verdict.evidence["factors"]["threads"]


def test_one_thread_proves_nothing(tmp_path):
    """Where only one thread can run the reading says so, and the rule calls that inconclusive."""
    reply = support.measure("torch-thread-count", setup=setup_file(tmp_path, "torch.set_num_threads(1)"))
    reading = Reading(check="torch-thread-count", process="torch-1", values=reply.repeats[0])
    verdict = outcomes.judge(catalogue.load().check("torch-thread-count"), [reading])

    assert "inconclusive" == verdict.outcome
    assert "needs at least 2 threads" in verdict.message
