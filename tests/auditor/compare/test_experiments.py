"""The operators of one program on two machines."""

import pytest

from auditor.compare import experiments
from auditor.manifest.models import Experiment


def side(**measured):
    """An experiment with these measured signatures: (outcome, inputs, outputs, one thread)."""
    names = ("outcome", "inputs", "outputs", "oneThread")
    return Experiment(
        command=["train"],
        measured={
            name: {"operator": "aten::mm", "where": "train.py:4", **dict(zip(names, told, strict=True))}
            for name, told in measured.items()
        },
    )


SAME = ("repeats", "i", "o", "o1")


def test_equal_digests_are_no_difference():
    """And what only one side measured is counted."""
    found = experiments.compared(side(a=SAME, b=SAME), side(a=SAME), [])

    assert (1, [], 1, 0) == (found.compared, found.differing, found.only_a, found.only_b)


@pytest.mark.parametrize(("one_thread", "equal"), [("o1", True), ("other", False)])
def test_other_bits_are_told_with_the_line_and_whether_one_thread_agrees(one_thread, equal):
    """Outputs differ on equal inputs."""
    found = experiments.compared(side(a=SAME), side(a=("moves-with-threads", "i", "x", one_thread)), [])

    assert [("a", "aten::mm", "train.py:4", equal)] == [
        (one.id, one.operator, one.where, one.equal_with_one_thread) for one in found.differing
    ]


def test_other_inputs_and_racing_signatures_are_not_compared():
    """Neither shows that the machines differ."""
    found = experiments.compared(
        side(a=SAME, b=SAME), side(a=("repeats", "j", "x", "x"), b=("races", "i", "x", "x")), []
    )

    assert (0, [], ["a"], ["b"]) == (found.compared, found.differing, found.other_inputs, found.unstable)


def test_without_a_measurement_on_both_sides_there_is_no_comparison():
    """An audit of an environment has no program."""
    assert experiments.compared(side(a=SAME), None, []) is None
    assert experiments.compared(side(a=SAME), side(), []) is None
