"""Lines of several processes."""

import pytest

from auditor.replay.texts.lines import in_order
from auditor.replay.texts.pieces import split

ORDERED = ["rank 0: loss 0.5", "rank 1: loss 0.25", "saved"]


def ordered(*runs):
    """The texts of each run's lines, in their own order."""
    return [[line.text for line in run] for run in in_order([tuple(map(split, run)) for run in runs])]


@pytest.mark.parametrize(
    "other",
    [
        ["rank 1: loss 0.25", "saved", "rank 0: loss 0.5"],
        ["rank 1: loss 0.25rank 0: loss 0.5", "", "saved"],
    ],
)
def test_order_and_torn_lines_make_no_difference(other):
    first, second = ordered(ORDERED, other)

    assert first == second == ORDERED


@pytest.mark.parametrize(
    "other",
    [
        ["rank 0: loss 0.5", "rank 1: loss 0.26", "saved"],
        ["rank 0: loss 0.5", "rank 1: loss 0.25"],
        ["rank 0: loss 0.5", "rank 1: loss 0.25", "saved", "saved"],
        ["rank 0: loss 0.5", "rank 1: lost 0.25", "saved"],
    ],
)
def test_another_value_or_line_makes_one(other):
    first, second = ordered(ORDERED, other)

    assert first != second
