"""What the command line asks of the runs."""

import pytest

from auditor.claim.asked import asked, parsed_seeds
from auditor.errors import UsageError

CLAIM = {
    "metric": "a=(.*)",
    "reported": "0.913 ± 0.004",
    "kind": "sd",
    "reported_runs": None,
    "seeds": 0,
    "seed_values": "",
    "seed_argument": "--seed={}",
}


def test_seeds_of_the_paper_are_one_for_each_reported_run():
    """Their number need not be repeated, nor contradict."""
    found = asked(**CLAIM | {"seed_values": "3, 1,-4"})

    assert (("3", "1", "-4"), True, 3) == (found.seeds, found.same_seeds, found.stated.runs)
    assert asked(**CLAIM | {"seed_values": "3,1", "seeds": 2, "reported_runs": 2}).same_seeds


def test_other_seeds_begin_at_zero():
    """As those of replay."""
    found = asked(**CLAIM | {"seeds": 3, "reported_runs": 5})

    assert (("0", "1", "2"), False, 5) == (found.seeds, found.same_seeds, found.stated.runs)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "with which seeds"),
        ({"seeds": 3}, "how many runs are behind"),
        ({"seed_values": "0,1", "seeds": 3}, "contradicts"),
        ({"seed_values": "0,1", "reported_runs": 3}, "contradicts"),
        ({"seed_values": "0"}, "spread of 1 run"),
    ],
)
def test_what_is_missing_or_contradicts_is_told(changed, told):
    """Before anything is run."""
    with pytest.raises(UsageError) as refused:
        asked(**CLAIM | changed)

    assert told in refused.value.message


@pytest.mark.parametrize(
    "text", ["0,", "a", "0,1,0", "0,00", "1e3", "--x", "1" * 21, "٣", ",".join(map(str, range(1001)))]
)
def test_what_is_no_list_of_different_integers_is_refused(text):
    """A seed of a manifest becomes an argument of a command."""
    with pytest.raises(UsageError):
        parsed_seeds(text)
