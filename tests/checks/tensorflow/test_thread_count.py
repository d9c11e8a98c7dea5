"""`tensorflow-thread-count`: what the number of threads moves is recorded, load must move nothing."""

from judged import MARKS, PLANTED, finding

pytestmark = MARKS


def test_what_the_thread_count_moves_is_recorded_and_not_failed():
    """Gradients of filters are summed by thread; sums and segment sums are not."""
    found = finding("thread-count")

    assert "pass" == found.outcome, found.message
    assert "Conv2D backward" in found.evidence["factors"]["threads"]
    assert not {"Sum", "UnsortedSegmentSum"} & set(found.evidence["factors"]["threads"])


def test_what_changes_under_load_is_a_fault():
    """Planted: a sum that depends on chance under load alone. It is named; that the load decides it is not shown."""
    found = finding("thread-count", PLANTED)

    assert ("fail", ["Cumsum"]) == (found.outcome, [*found.evidence["differing"]])
    assert "contention" not in found.evidence["factors"]
