"""The place of a proven cause: the first statement that differs without the factor and agrees under it."""

from __future__ import annotations

import pytest
from made_runs import Experiment, Made, drawn, outside, series, statement

from auditor.replay.cause import interventions, locate
from auditor.replay.cause.baseline_run import BaselineSearch, DivergenceCount
from auditor.replay.cause.locate import differing, placed
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

MAIN = TaskKey("main", 0)
CLOCK = interventions.clock()


def line(number):
    """The source line of a synthetic trace."""
    return SourceLine("train.py", number, "<module>", f"code of line {number}")


def origin_of(at_line, *, name="line"):
    """A statement at this line."""
    return Origin(MAIN, 0, "outside", name, line(at_line), "int", inputs_equal=True)


def program(first, second, third=0, *, salt=0):
    """Three statements, with a draw and a clock before the second."""
    return Made(
        0,
        (
            statement(10 + first, 1),
            drawn("random.random", 50 + salt, 2),
            outside("os.urandom", 60 + salt, 2),
            outside("os.getpid", 70 + salt, 1),
            statement(20 + second, 2, meta="str"),
            statement(30 + third, 3),
        ),
    )


def place_of(tmp_path, make, origin):
    """The place in an experiment whose baseline made `program(0, 0)`; and the experiment."""
    (base,) = series(tmp_path, program(0, 0))
    experiment = Experiment(tmp_path, make)
    return placed(experiment, BaselineSearch(base, origin, DivergenceCount(5, 5)), CLOCK), experiment


# ---------------------------------------------------------------------------------------------- statements that differ


def lines_of(found):
    """Their lines, in order."""
    return [source.line for _, source, _ in found]


def test_the_statements_that_differ_are_told_in_the_order_in_which_they_ran(tmp_path):
    """Each once, with the place at which it ran first; an operation is no statement."""
    steps = [
        (
            statement(1, 1),
            statement(10 + n, 5),
            ("aten::add", 20 + n, 6),
            statement(30 + n, 3, name="print", meta=""),
            statement(11 + n, 5),
        )
        for n in (0, 1)
    ]
    runs = series(tmp_path, *(Made(0, one) for one in steps))
    found = differing(*runs, MAIN)

    assert [("line", line(5), "int"), ("print", line(3), "")] == list(found)
    assert list(found.values()) == sorted(found.values())


@pytest.mark.parametrize("side", [0, 1])
def test_a_task_that_only_one_run_had_shows_nothing(tmp_path, side):
    """Whichever of the two."""
    there = Made(0, (statement(1, 1),), streams=(("main.1", (statement(2, 1),), True),))
    without = Made(0, (statement(1, 1),))
    runs = series(tmp_path, *((there, without) if side else (without, there)))

    assert {} == differing(*runs, TaskKey("main", 1))


# ----------------------------------------------------------------------------------------------------------- the place


@pytest.mark.parametrize("origin", [None, Origin(MAIN, 0, "outside", "aten::add", line(1))])
def test_what_is_no_statement_stays_where_it_is(tmp_path, origin):
    """No run is made."""
    found, experiment = place_of(tmp_path, lambda *_: program(0, 0), origin)

    assert (origin, []) == (found, experiment.asked)


def test_a_statement_that_agrees_under_the_factor_is_the_place(tmp_path):
    """Two runs show it; that a later one still differs does not matter."""
    origin = origin_of(1)
    found, experiment = place_of(tmp_path, lambda _, number: program(0, 0, number), origin)

    assert origin == found
    assert [CLOCK.settings] * 2 == experiment.settings
    assert ["with the cure, for the place, 1 of 2", "with the cure, for the place, 2 of 2"] == experiment.purposes


def test_a_statement_of_the_same_line_and_another_name_is_another_one(tmp_path):
    """`print` agrees, the line itself does not."""
    origin = origin_of(1, name="print")
    found, _ = place_of(tmp_path, lambda _, number: program(number, 0), origin)

    assert origin == found


def moved(tmp_path, without=lambda number: program(1 + number, 1 + number, salt=1 + number)):
    """The place where the first statement differs under the factor too."""
    return place_of(
        tmp_path, lambda settings, number: program(number, 0) if settings else without(number), origin_of(1)
    )


def test_a_statement_that_differs_under_the_factor_too_is_not_the_place(tmp_path):
    """The next one is, with what came in at its line: the nearest first, and nothing of another line."""
    found, experiment = moved(tmp_path)

    assert ("line", line(2), "str", None) == (found.name, found.source, found.meta, found.inputs_equal)
    assert [("os.urandom", True), ("random.random", True)] == [(one.name, one.differs) for one in found.before]
    assert f"for the place, 1 of at most {locate.MOST_PARTNERS}" == experiment.purposes[2]
    assert {} == experiment.settings[2]
    assert 3 == len(experiment.asked)


def test_the_place_holds_the_index_of_its_record(tmp_path):
    """In the baseline's trace."""
    found, _ = moved(tmp_path)
    (base,) = series(tmp_path / "again", program(0, 0))
    (other,) = series(tmp_path / "other", program(1, 1))

    assert found.at == differing(base, other, MAIN)["line", line(2), "str"]
    assert ("outside", MAIN) == (found.evidence, found.key)


def test_runs_are_made_until_one_differs_from_the_baseline(tmp_path):
    """The first one did not."""
    found, experiment = moved(tmp_path, lambda number: program(0, int(number == 1)))

    assert (2, 4) == (found.source.line, len(experiment.asked))
    assert f"for the place, 2 of at most {locate.MOST_PARTNERS}" == experiment.purposes[3]


def test_without_a_statement_that_agrees_there_is_no_place(tmp_path):
    """Every run shows the first statement alone."""
    found, experiment = moved(tmp_path, lambda number: program(1 + number, 0))

    assert (None, 2 + locate.MOST_PARTNERS) == (found, len(experiment.asked))


def test_what_came_in_far_before_is_not_told(tmp_path, monkeypatch):
    """Only so many records are looked through."""
    monkeypatch.setattr(locate, "LOOK_BACK_RECORDS", 3)
    found, _ = moved(tmp_path)

    assert "random.random" not in [one.name for one in found.before]
    assert 2 == found.source.line
