import os

import pytest
import support
from planting import blamed, setup_file

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.slow,
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="a race needs two processors"),
]


def test_accumulating_index_put_races_and_the_switch_cures_it():
    """Equal inputs give other bits from call to call; torch documents it, and its switch was measured to cure it."""
    verdict = support.verdict("torch-thread-race")

    assert ("fail", "documented-and-cured", "low") == (verdict.outcome, verdict.known, verdict.severity)
    assert {"index_put_ accumulate", "put_ accumulate"} <= blamed(verdict)
    assert not {"index_add_", "scatter_add_", "conv2d backward", "cumsum"} & blamed(verdict)
    assert verdict.evidence["differing"]["index_put_ accumulate"] > 1
    assert {"framework-switch": "identical", "one-thread": "identical"} == verdict.evidence["under"]


def test_under_the_switch_nothing_races(tmp_path):
    """With the determinism switch set, as a user would set it, all calls agree."""
    setup = setup_file(tmp_path, "torch.use_deterministic_algorithms(True)")

    verdict = support.verdict("torch-thread-race", setup=setup)

    assert "pass" == verdict.outcome


def test_one_thread_proves_nothing(tmp_path):
    """Agreement with a single intra-op thread is inconclusive, not a pass."""
    verdict = support.verdict("torch-thread-race", setup=setup_file(tmp_path, "torch.set_num_threads(1)"))

    assert "inconclusive" == verdict.outcome
    assert "threads" in verdict.message


def test_every_call_is_really_made():
    """Without the switch no call is refused; under it only the one that torch cannot order."""
    plain = support.measure("torch-thread-race").repeats[0]
    switched = support.measure("torch-thread-race", settings={"framework-switch": "on"}).repeats[0]

    assert [] == _refused(plain)
    assert ["put_"] == _refused(switched)
    assert 2 <= plain["conditions"]["threads"]


def _refused(values):
    return [name for name, value in values.items() if isinstance(value, str) and value.startswith("refused")]
