"""Lines of several processes."""

import pytest

from auditor.replay.texts.lines import MOST_LINES, in_order
from auditor.replay.texts.pieces import Line

ORDERED = ["rank 0: loss 0.5", "rank 1: loss 0.25", "saved"]


def ordered(*runs):
    """The texts of each run's lines that not all have, in their own order."""
    lines = [[Line(text, rewritten=False, number=number) for number, text in enumerate(run, start=1)] for run in runs]
    return [[line.text for line in run] for run in in_order(lines)]


@pytest.mark.parametrize(
    "other",
    [
        ["rank 1: loss 0.25", "saved", "rank 0: loss 0.5"],
        ["rank 1: loss 0.25rank 0: loss 0.5", "", "saved"],
    ],
)
def test_order_and_torn_lines_make_no_difference(other):
    first, second = ordered(ORDERED, other)

    assert first == second


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


def test_very_many_lines_that_differ_are_not_examined():
    lines = [
        [Line(f"{run} {'x' * number}", rewritten=False, number=number) for number in range(MOST_LINES + 1)]
        for run in "ab"
    ]

    assert in_order(lines) is None
