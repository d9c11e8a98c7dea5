"""`tensorflow-thread-race`: operators that race in this release, what the switch cures, and a planted race."""

from judged import CURED, MARKS, PLANTED, finding

pytestmark = MARKS


RACING = {
    "DenseBincount weighted",
    "ResourceScatterAdd",
    "ResourceScatterAdd rows",
    "ResourceScatterSub rows",
    "ResourceSparseApplyAdagradV2",
}
"""Those that differ in every audit on two cores; the others of TODAY do in most."""
TODAY = RACING | {"SparseBincount weighted", "CropAndResizeGradImage"}


def test_operators_that_add_to_one_place_race():
    """One thread cures all that differ on equal inputs, the switch all but weighted counts and Adagrad."""
    found = finding("thread-race")

    assert ("fail", "undocumented") == (found.outcome, found.known)
    assert RACING <= set(found.evidence["differing"]) <= TODAY
    assert {"framework-switch": "differs", "one-thread": "identical"} == found.evidence["under"]


def test_cured_operators_give_the_same_bits():
    """Under the switch, with segment sums in place of what it does not order, 20 calls agree."""
    found = finding("thread-race", CURED)

    assert ("pass", 20) == (found.outcome, found.evidence["readings"]), found.message


def test_a_sum_that_depends_on_chance_is_caught():
    """Planted: it is named, and neither cure helps."""
    found = finding("thread-race", PLANTED)

    assert ("fail", 20) == (found.outcome, found.evidence["differing"]["Cumsum"])
    assert "differs" == found.evidence["under"]["one-thread"]
