"""`tensorflow-collectives` over pieces of the CPU: all ways to reduce agree, and a faulty replica is caught."""

from judged import MARKS, PLANTED, finding

pytestmark = MARKS


def test_reductions_repeat_and_replicas_agree():
    """Sums, means and gathers give one result in all runs, on all replicas, and the right integers."""
    found = finding("collectives")

    assert ("pass", 15) == (found.outcome, len(found.evidence["held"])), found.message


def test_a_replica_that_brings_other_numbers_is_caught():
    """Planted: one replica's floats depend on chance; the runs differ, while the integers stay right."""
    found = finding("collectives", PLANTED)

    assert "fail" == found.outcome
    assert all(name.endswith("results in 8 runs") for name in found.evidence["broken"])
    assert "default, sum: results in 8 runs" in found.evidence["broken"]
