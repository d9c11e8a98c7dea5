"""The outcome of a signature's arms, and what is measured first."""

import made_observed as made
import pytest

from auditor.experiment import measure
from auditor.experiment import outcome as outcomes

ONE = made.signature("aten::index_put_", made.tensor(9))
FILLS = {"fill 85": ["a"], "fill 170": ["a"], "fill 255": ["a"]}


def outcome(fresh="a", **arms):
    """The outcome of these arms, where all others agree."""
    given = {"own": ["a", "a"], "one": ["a", "a"], "many": ["a", "a"], **FILLS, **arms}
    again = {"inputs": "i", "arms": {"own": [fresh]}}
    return outcomes.judged(ONE, {"inputs": "i", "arms": given}, again)


def test_equal_digests_repeat():
    """In every arm and in a fresh process."""
    assert ("repeats", False) == (outcome().outcome, outcome().bad)


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        ({"many": ["a", "b", "c"]}, "races"),
        ({"own": ["a", "b"]}, "races"),
        ({"one": ["a", "b"]}, "differs"),
        ({"one": ["b", "b"]}, "moves-with-threads"),
        ({"fill 85": ["b"]}, "reads-unwritten-memory"),
        ({"one": ["a", "b"], "fill 85": ["b"]}, "reads-unwritten-memory"),
        ({"fill 85": ["not reached"], "fill 170": ["not reached"]}, "repeats"),
    ],
)
def test_each_arm_has_its_outcome(arms, expected):
    """With one thread there is no race; a fill that does not reach the memory says nothing."""
    assert expected == outcome(**arms).outcome


def test_a_fresh_process_counts_only_with_equal_inputs():
    """Other inputs are another call."""
    assert "differs-between-processes" == outcome(fresh="b").outcome
    other = {"inputs": "else", "arms": {"own": ["b"]}}
    arms = {"own": ["a"], "one": ["a"], **FILLS}
    assert "repeats" == outcomes.judged(ONE, {"inputs": "i", "arms": arms}, other).outcome


@pytest.mark.parametrize(("switch", "cured"), [(["x"] * 20, True), (["x", "y"], False), (["refused: E"] * 20, False)])
def test_the_switch_cures_only_where_it_gives_one_result(switch, cured):
    """A refusal is no cure."""
    assert cured == outcome(many=["a", "b"], switch=switch).cured


def test_racy_families_and_frequent_signatures_come_first():
    """The time is limited."""
    seldom, often, racy = made.signature(calls=1), made.signature(calls=9), ONE

    assert [racy, often, seldom] == measure.ordered([seldom, racy, often])


def test_a_program_with_one_thread_is_not_asked_for_races():
    """It has none; with two, a racy family is called with more threads than cores."""
    alone = made.signature("aten::index_put_", made.tensor(9), threads=1)

    assert "many" not in measure.arms(alone)
    assert (8, 20) == (measure.arms(ONE)["many"]["threads"], measure.arms(ONE)["many"]["calls"])


class Answers:
    """Stands in for processes: the answer of each arm, until the time is over."""

    def __init__(self, left):
        self.left, self.found, self.framework = left, outcomes.Measurement(), "tensorflow"

    @property
    def has_time(self):
        """Whether another process may start."""
        return self.left > 0

    def asked(self, wanted, arms_of, _settings, _share=1.0, *, told=False):
        """One process: every signature gives the same in its arm."""
        del told
        self.left -= 1
        return {one.id: {"inputs": "i", "arms": {arm: ["a", "a"] for arm in arms_of(one)}} for one in wanted}


@pytest.mark.parametrize(("processes", "repeats"), [(9, 1), (3, 0)])
def test_what_no_process_looked_for_is_no_repeat(processes, repeats):
    """If the time ends before every arm is measured, the signature is left out, with that reason."""
    one = made.signature("tf.MatMul", made.tensor(9))
    asking = Answers(processes)
    measure._in_a_process_each(asking, [one])

    assert repeats == len(asking.found.measured)
    assert [measure.NO_TIME] * (1 - repeats) == [*asking.found.left_out.values()]
