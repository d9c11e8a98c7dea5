"""A difference that reaches nothing: which traces leave that open, and what the operations that took it decide."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from made_runs import Made, printing, series
from streams import writer

from auditor.render import replay as rendered
from auditor.replay.cause import vanished
from auditor.replay.model import Confidence, Result

ANSWER = {"differing": 56, "stable": True, "unread": True, "state": False}


def steps(junk, *, flags=0, took=True, grad=9, argument="T", gives=20, then=()):
    """A forward operation that gives junk, and a backward one that takes it."""

    def forward(written):
        written.made = written.op("mine::forward", junk, 3, flags=flags)

    def backward(written):
        written.op("mine::backward", gives, 4)
        if took:
            written.input(junk, written.made)
        written.input(grad, 0, storage=2, position=1)
        written.argument(argument)

    return (forward, backward, *then, printing(5))


def pair(tmp_path, first, second):
    """Two detailed runs of these steps, which print the same."""
    return series(tmp_path, *(Made(0, one, detail=True) for one in (first, second)))


def of(tmp_path, first, second):
    """The names of the operations that took a difference; None if one may come out."""
    found = vanished.consumers(*pair(tmp_path, first, second))
    return None if found is None else [one.name for one in found.values()]


def test_an_operation_that_takes_junk_and_gives_the_same_is_found(tmp_path):
    """With what made it, and both lines."""
    (found,) = vanished.consumers(*pair(tmp_path, steps(1), steps(2))).values()

    assert ("mine::backward", 4) == (found.name, found.source.line)
    assert ("mine::forward", 3) == (found.taken_from, found.made_at.line)


def test_equal_runs_have_no_such_operation(tmp_path):
    """And nothing comes out."""
    assert [] == of(tmp_path, steps(1), steps(1))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (steps(1, took=False), steps(2, took=False)),  # nothing takes it: it may be the last value of something
        (steps(1, flags=writer.INPLACE), steps(2, flags=writer.INPLACE)),  # it is written into what was there before
        (steps(1, flags=writer.DRAWS), steps(2, flags=writer.DRAWS)),
        (steps(1, flags=writer.READS_OUT), steps(2, flags=writer.READS_OUT)),
        (steps(1, gives=20), steps(2, gives=21)),  # what takes it differs too, and nothing takes that
        (steps(1, argument="1"), steps(2, argument="2")),
        (steps(1, grad=8), steps(2, grad=9)),  # an input of which no writer is known
        (steps(1, then=(printing(1),)), steps(2, then=(printing(2),))),  # the program reads it
        (steps(1), (*steps(2)[:-1], ("aten::more", 5, 5), printing(5))),  # other steps
    ],
)
def test_a_difference_that_may_come_out_counts(tmp_path, first, second):
    """No operation is called again then."""
    assert of(tmp_path, first, second) is None


def test_the_first_time_of_each_kind_of_operation_is_called_again(tmp_path):
    """A training has one for each step."""
    first, second = ((*steps(junk)[:-1], *steps(junk + 10)) for junk in (1, 2))

    assert ["mine::backward"] == of(tmp_path, first, second)


class Runs:
    """Runs in which the operation was called again; `answers` are what each pair of runs told."""

    def __init__(self, folder, answers, *, alive=False, left=24):
        self._folder, self._answers, self._alive = folder, list(answers), alive
        self.asked = []
        self.budget = SimpleNamespace(left=left)

    def run(self, _settings, _purpose, *, tier, dump):
        """One run in the detail tier."""
        assert "detail" == tier
        self.asked.append(dump)
        folder = Path(self._folder) / f"again-{len(self.asked)}"
        (folder / "dump").mkdir(parents=True)
        again = self._answers.pop(0) if "other" in dump else None
        (folder / "dump" / "dump.json").write_text(json.dumps({"again": again}))
        if self._alive:
            (folder / "dump" / "alive").touch()
        return SimpleNamespace(folder=folder)


def decided(tmp_path, answers, *, printed=(0, 0), **details):
    """What is decided of a difference that an operation took; and the runs that were made."""
    detailed = pair(tmp_path / "detailed", steps(1), steps(2))
    runs = Runs(tmp_path, answers, **details)
    return vanished.decide(runs, series(tmp_path / "base", *map(Made, printed)), detailed), runs.asked


def test_unread_places_make_the_difference_vanish(tmp_path):
    """The second run has the first one's dump beside it."""
    decision, asked = decided(tmp_path, [ANSWER])

    assert ["mine::forward"] == [one.op for one in decision.vanished]
    assert ("mine::backward", 4, 3) == (
        decision.vanished[0].taken_by,
        decision.vanished[0].taken_at.line,
        decision.vanished[0].source.line,
    )
    assert [False, True] == ["other" in one for one in asked]
    assert str(tmp_path / "again-1" / "dump") == asked[1]["other"]
    assert not decision.absorbed


@pytest.mark.parametrize(
    ("answer", "absorbed"),
    [
        ({**ANSWER, "unread": False}, True),
        ({**ANSWER, "state": True}, False),  # a parameter's memory counts, whoever reads it
        ({**ANSWER, "stable": False, "unread": False}, False),  # it gives other values by itself
        (None, False),
        ({"differing": 1}, False),
        ({**ANSWER, "unread": "yes"}, False),
    ],
)
def test_what_is_read_or_cannot_be_tried_counts(tmp_path, answer, absorbed):
    """Only what is read is marked as absorbed."""
    decision, _ = decided(tmp_path, [answer])

    assert ((), absorbed) == (decision.vanished, decision.absorbed)


def test_what_is_alive_at_the_end_counts(tmp_path):
    """Though nothing read it."""
    assert () == decided(tmp_path, [ANSWER], alive=True)[0].vanished


def test_two_runs_with_equal_inputs_are_made_again(tmp_path):
    """Junk may be equal by chance."""
    decision, asked = decided(tmp_path, [{**ANSWER, "differing": 0}, ANSWER])

    assert (1, 4) == (len(decision.vanished), len(asked))


@pytest.mark.parametrize(("printed", "left"), [((0, 1), 24), ((0, 0), 1)])
def test_no_run_is_made_where_output_differs_or_the_budget_ended(tmp_path, printed, left):
    """What is printed comes out."""
    assert (vanished.Decision(), []) == decided(tmp_path, [ANSWER], printed=printed, left=left)


def test_it_is_told_as_a_note_of_identical_runs(tmp_path):
    """Both operations and lines; and an absorbed difference in its own words."""
    result = Result(
        verdict="identical",
        runs=2,
        ops=9,
        exit_codes=[0],
        vanished=decided(tmp_path, [ANSWER])[0].vanished,
        confidence=Confidence(runs=2, rate_bound_95=0.95),
    )
    text = rendered.text(result)

    assert "an output of mine::forward at train.py:3, which mine::backward at train.py:4 does not read" in text
    assert "reaches nothing" not in rendered.text(replace_vanished(result))


def replace_vanished(result):
    """The same without such differences."""
    return result.model_copy(update={"vanished": []})
