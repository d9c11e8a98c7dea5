"""`tensorflow-flag-known-answer`: the switch computes right numbers, and a wrong one is told with its place."""

from judged import MARKS, PLANTED, finding

pytestmark = MARKS


def test_results_under_the_switch_are_right():
    """Every problem has its exact answer."""
    found = finding("flag-known-answer")

    assert ("pass", 29) == (found.outcome, len(found.evidence["held"])), found.message


def test_a_write_that_is_forgotten_is_caught():
    """Planted: a scatter that returns its table, and a running sum that is off."""
    found = finding("flag-known-answer", PLANTED)

    assert "fail" == found.outcome
    assert {"tensor_scatter_nd_min", "cumsum"} == set(found.evidence["broken"])
