"""`tensorflow-parallel-map`: draws in a parallel map change rows, as documented; the switch cures it."""

from judged import CURED, MARKS, finding

pytestmark = MARKS


def test_stateful_draws_in_a_parallel_map_change_rows():
    """Four pipelines differ from pass to pass, as TensorFlow documents; its switch was measured to cure them."""
    found = finding("parallel-map")

    assert ("fail", "documented-and-cured", "low") == (found.outcome, found.known, found.severity)
    assert {
        "parallel map that draws",
        "parallel map that counts",
        "parallel map in any order",
        "parallel interleave",
    } == set(found.evidence["differing"])


def test_under_the_switch_every_pipeline_repeats():
    """With the switch set, as a user would set it, all rows keep their draws."""
    found = finding("parallel-map", CURED)

    assert "pass" == found.outcome, found.message
