"""`tensorflow-thread-race`: operators that race in this release, what the switch cures, and a planted race."""

import outcomes
from judged import CURED, MARKS, PLANTED, finding

from auditor.catalogue import catalogue
from auditor.manifest.models import Reading

pytestmark = MARKS

UNORDERED = {"DenseBincount weighted", "SparseBincount weighted", "ResourceSparseApplyAdagradV2"}
"""What the switch leaves as it is."""
TODAY = UNORDERED | {
    "ResourceScatterAdd",
    "ResourceScatterAdd rows",
    "ResourceScatterSub rows",
    "CropAndResizeGradImage",
}
"""What TensorFlow 2.21 adds to one place from several threads. Whether they meet is chance on a busy machine."""
SWITCH, ONE_THREAD = {"framework-switch": "on"}, {"threads": "1"}


def test_no_other_operator_races():
    """Of all operators with equal inputs only those that add to one place may differ."""
    assert set(finding("thread-race").evidence.get("differing", ())) <= TODAY


def _calls(settings, moved):
    """Twenty readings under these settings; in every second one other results of what moved."""
    same = {**dict.fromkeys([*TODAY, "Cumsum"], "00" * 32), "conditions": {"threads": 2}}
    calls = [same, {**same, **dict.fromkeys(moved, "ab" * 32)}] * 10
    return [
        Reading(check="tensorflow-thread-race", process=str(settings), repeat=number, settings=settings, values=call)
        for number, call in enumerate(calls)
    ]


def test_operators_that_add_to_one_place_are_undocumented():
    """One thread cures all that differ on equal inputs, the switch all but weighted counts and Adagrad."""
    readings = _calls({}, TODAY) + _calls(SWITCH, UNORDERED) + _calls(ONE_THREAD, ())

    found = outcomes.judge(catalogue.load().check("tensorflow-thread-race"), readings, [{}, SWITCH, ONE_THREAD])

    assert ("fail", "undocumented") == (found.outcome, found.known)
    assert set(found.evidence["differing"]) == TODAY
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
