"""`tensorflow-sharded` over pieces of the CPU: replicas agree with one device, a wrong scale is caught."""

from judged import MARKS, PLANTED, finding

pytestmark = MARKS


def test_replicas_train_as_one_device_does():
    """Losses and weights of three steps differ by rounding only."""
    found = finding("sharded")

    assert ("pass", 10) == (found.outcome, len(found.evidence["classes"])), found.message


def test_rows_that_count_once_for_each_replica_are_caught():
    """Planted: each replica is given the whole batch, so losses and gradients are as many times too large."""
    found = finding("sharded", PLANTED)

    assert ("fail", "wrong") == (found.outcome, found.evidence["class"])
    assert {"beyond"} == set(found.evidence["classes"].values())
