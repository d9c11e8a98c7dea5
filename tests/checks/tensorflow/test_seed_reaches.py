"""`tensorflow-seed-reaches`: seeds reach everything, and one that does not is named."""

from judged import MARKS, PLANTED, finding

pytestmark = MARKS


def test_seeds_reach_every_generator():
    """All draws differ between seeds, repeat under them in two processes, and go on from a saved state."""
    found = finding("seed-reaches")

    assert ("pass", 4) == (found.outcome, found.evidence["readings"]), found.message


def test_seeds_that_do_not_reach_and_streams_that_collide_are_caught():
    """Planted: a NumPy seed that does nothing, and a `fold_in` that knows eight numbers."""
    found = finding("seed-reaches", PLANTED)

    assert ("fail", {"numpy", "stateless fold_in"}) == (found.outcome, set(found.evidence["alike"]))
