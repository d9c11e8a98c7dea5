"""From a value that entered a framework back to the Python statement that made it differ."""

from __future__ import annotations

import pytest
from made_runs import Experiment, Made, drawn, statement

from auditor.replay.cause import backtrack, interventions
from auditor.replay.cause.backtrack import made_at
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

MAIN = TaskKey("main", 0)
PROVEN = interventions.hash_seed()


def origin_of(evidence="outside", name="aten::lift_fresh", key=MAIN):
    """What entered the framework at line 5."""
    return Origin(key, 3, evidence, name, SourceLine("train.py", 5, "<module>", "code of line 5"))


def entering(value, *, made_by=2):
    """A statement makes a value, a statement at line 5 reads it, and an operation of that line takes it in."""

    def steps(written):
        statement(1, 1)(written)
        made = statement(10 + value, made_by)(written)
        same = statement(2, 3)(written)
        statement(30 + value, 5, inputs=[(2, same), (10 + value, made)])(written)
        written.op("aten::lift_fresh", 40 + value, 5)

    return Made(value, (steps,), detail=True)


def followed(tmp_path, make, origin=None, proven=PROVEN):
    """The statement that is found; and the experiment."""
    experiment = Experiment(tmp_path, make)
    return made_at(experiment, origin or origin_of(), proven), experiment


def cured(settings, number):
    """Every run differs, and under the factor none does."""
    return entering(0 if settings else number)


def test_the_statement_that_made_the_value_is_found(tmp_path):
    """Not the one that read it; the cure makes it agree, as two runs show."""
    found, experiment = followed(tmp_path, cured)

    assert ("train.py", 2) == (found.file, found.line)
    assert [{}, {}, PROVEN.settings, PROVEN.settings] == experiment.settings
    assert [
        "statement by statement, for what made that value",
        "statement by statement, for what made that value, 2",
        "with the cure, for what made that value, 1 of 2",
        "with the cure, for what made that value, 2 of 2",
    ] == experiment.purposes


def test_a_statement_that_differs_under_the_cure_too_is_rejected(tmp_path):
    """It is not what the cure cures."""
    found, experiment = followed(tmp_path, lambda _, number: entering(number))

    assert (None, 4) == (found, len(experiment.asked))


def test_runs_are_made_until_two_differ(tmp_path):
    """The second one agreed."""
    found, experiment = followed(tmp_path, lambda settings, number: entering(int(not settings and number == 2)))

    assert (2, 3) == (found.line, experiment.settings.count({}))
    assert "statement by statement, for what made that value, 3" == experiment.purposes[2]


def test_without_a_difference_nothing_is_found(tmp_path):
    """After as many runs as there may be."""
    found, experiment = followed(tmp_path, lambda *_: entering(0))

    assert (None, [{}] * backtrack.MOST_RUNS) == (found, experiment.settings)


@pytest.mark.parametrize(
    ("origin", "proven"),
    [
        (origin_of("same-inputs-other-outputs"), PROVEN),
        (origin_of("draw-unseeded"), PROVEN),
        (origin_of(name="time.time"), PROVEN),
        (origin_of(), interventions.one_thread("torch")),
        (origin_of(), interventions.fill()),
    ],
    ids=["began there", "drawn", "python", "race", "memory"],
)
def test_what_no_python_statement_made_is_not_followed(tmp_path, origin, proven):
    """No run is made."""
    found, experiment = followed(tmp_path, cured, origin, proven)

    assert (None, []) == (found, experiment.asked)


@pytest.mark.parametrize("proven", [interventions.clock(), interventions.entropy("python"), interventions.task_order()])
def test_every_cause_that_lies_in_python_is_followed(tmp_path, proven):
    """The statement is the same."""
    found, _ = followed(tmp_path, cured, origin_of("other-order"), proven)

    assert 2 == found.line


@pytest.mark.parametrize("made_by", [5, 0])
def test_a_statement_at_the_origins_own_line_or_at_none_is_not_told(tmp_path, made_by):
    """It would say nothing new."""
    found, _ = followed(tmp_path, lambda settings, number: entering(0 if settings else number, made_by=made_by))

    assert found is None


def test_a_draw_that_differs_is_what_made_the_value(tmp_path):
    """The statement at the line of the origin received its taint."""

    def make(settings, number):
        value = 0 if settings else number

        def steps(written):
            statement(1, 1)(written)
            drawn("random.random", 10 + value, 2)(written)
            statement(20, 5)(written)
            written.op("aten::lift_fresh", 40 + value, 5)
            written.argument(str(value))

        return Made(value, (steps,), detail=True)

    found, _ = followed(tmp_path, make)

    assert 2 == found.line


def test_a_difference_that_began_later_did_not_make_the_value(tmp_path):
    """Line 5 runs again, and then reads what line 8 made after the value had entered."""

    def make(settings, number):
        value = 0 if settings else number

        def steps(written):
            statement(1, 5)(written)
            written.op("aten::lift_fresh", 40 + value, 5)
            made = statement(50 + value, 8)(written)
            statement(60 + value, 5, inputs=[(50 + value, made)])(written)

        return Made(value, (steps,), detail=True)

    found, _ = followed(tmp_path, make)

    assert found is None


def test_what_another_line_read_is_not_followed(tmp_path):
    """The statement at line 5 read nothing that differs, and the one at line 6 did."""

    def make(settings, number):
        value = 0 if settings else number

        def steps(written):
            made = statement(10 + value, 2)(written)
            statement(20, 5)(written)
            written.op("aten::lift_fresh", 40 + value, 5)
            statement(30 + value, 6, inputs=[(10 + value, made)])(written)

        return Made(value, (steps,), detail=True)

    found, _ = followed(tmp_path, make)

    assert found is None


@pytest.mark.parametrize("task", [0, 1, 2])
def test_only_what_its_own_task_wrote_is_followed(tmp_path, task):
    """A record of the same index in another task is another record."""

    def make(settings, number):
        value = 0 if settings else number

        def steps(written):
            made = statement(10 + value, 2)(written)
            there = made - (written.task << 40) + (task << 40)
            statement(20, 5, inputs=[(9, there)])(written)
            written.op("aten::lift_fresh", 40 + value, 5)

        return Made(value, (statement(1, 1),), detail=True, streams=(("main.1", (steps,), True),))

    found, _ = followed(tmp_path, make, origin_of(key=TaskKey("main", 1)))

    assert (2 if task == 1 else None) == (found.line if found else None)


def test_a_task_that_was_not_recorded_by_statement_shows_nothing(tmp_path):
    """Its runs are made, and nothing is found in them."""
    found, experiment = followed(tmp_path, cured, origin_of(key=TaskKey("main", 4)))

    assert (None, [{}] * backtrack.MOST_RUNS) == (found, experiment.settings)
