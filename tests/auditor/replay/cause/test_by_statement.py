"""Why printed output alone differs: the outputs decide the cause, and a statement is its place."""

from __future__ import annotations

import pytest
from made_runs import Experiment, Made, drawn, is_on, printing, series, statement
from streams import writer

from auditor.replay.cause import interventions
from auditor.replay.cause.baseline_run import BaselineSearch, DivergenceCount
from auditor.replay.cause.by_statement import explain, is_unread
from auditor.replay.provenance.origin_model import Origin, Reach
from auditor.replay.runs.budget import Budget
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import STATEMENTS_END, SourceLine

MAIN = TaskKey("main", 0)
HASH, CLOCK, ENTROPY = interventions.hash_seed(), interventions.clock(), interventions.entropy("python")
SAME = (("aten::add", 5, 9),)
"""What is recorded without statements: it agrees."""


def line(number):
    """The source line of a synthetic trace."""
    return SourceLine("train.py", number, "<module>", f"code of line {number}")


def unread_origin(number=2, *, name="time.time", key=MAIN, **details):
    """A value that entered Python at this line, and that no recorded step reads."""
    return Origin(key, 1, "outside", name, line(number), **details)


def clock_read(number):
    """A clock is read at this line."""
    return lambda written: written.other(writer.OUTSIDE, "time.time", 0, number, flags=1)


class Case:
    """An experiment whose output differs in each run, but not under one factor."""

    def __init__(self, tmp_path, *, cure, steps=(), origin=None, cures_output=True, cures_statement=True, budget=60):
        def detailed(settings, number):
            return Made(0 if is_on(cure, settings) and cures_output else 1 + number, SAME, detail=True)

        def by_statement(settings, number):
            value = 0 if is_on(cure, settings) and cures_statement else 1 + number
            shown = 0 if is_on(cure, settings) else 1 + number
            made = (*steps, statement(1, 1), statement(10 + value, 2), printing(10 + value, 3)) if steps != () else SAME
            return Made(shown, made, seconds=7.0, detail=True)

        self.detailed, self.by_statement = (
            Experiment(tmp_path / "d", detailed),
            Experiment(tmp_path / "s", by_statement),
        )
        runs = series(tmp_path, *(Made(900 + one, SAME, detail=True) for one in range(2)))
        self.found = BaselineSearch(runs[0], origin, DivergenceCount(1, 1), tuple(runs))
        self.answer = explain(self.detailed, self.by_statement, self.found, Budget(budget))
        self.origin = self.answer.found.origin

    @property
    def proven(self):
        """The factors that were proven."""
        return [proof.tried.factor for proof in self.answer.tests.each if proof.proven]

    @property
    def tried(self):
        """The factors that were tried, in order."""
        return [proof.tried.factor for proof in self.answer.tests.each]


NO_VALUE = (statement(3, 4),)


# ------------------------------------------------------------------------------------------------------ what is unread


@pytest.mark.parametrize(
    ("evidence", "name", "details", "unread"),
    [
        ("outside", "time.time", {}, True),
        ("draw-unseeded", "random.random", {"generator": "python", "seeded": False}, True),
        ("outside", "torch.manual_seed", {"generator": "torch"}, True),
        ("outside", "random.random", {"generator": "python", "seeded": True}, True),  # of Python, whatever its seed
        ("outside", "aten::rand", {"generator": "torch", "seeded": True}, False),
        ("draw-unseeded", "torch.manual_seed", {"generator": "torch"}, False),
        ("same-inputs-other-outputs", "torch.manual_seed", {"generator": "torch"}, False),
        ("outside", "aten::lift_fresh", {}, False),
        ("outside", "tf.Const", {}, False),
        ("outside", "add_any", {}, False),
        ("outside", "line", {}, False),
        ("outside", "print", {}, False),
        ("other-branch", "time.time", {}, False),
        ("other-order", "time.time", {}, False),
        ("outside", "time.time", {"reach": Reach("read", "print", line(9), MAIN, 4)}, False),
        ("outside", "torch.manual_seed", {"generator": "torch", "reach": Reach("last", "a", line(9), MAIN, 4)}, False),
    ],
)
def test_a_value_that_entered_python_and_that_nothing_reads_is_unread(evidence, name, details, unread):
    """It may be a run id that is not used."""
    assert unread is is_unread(Origin(MAIN, 1, evidence, name, line(2), **details))


# --------------------------------------------------------------------------------------------------- without an origin


def test_the_statement_is_the_place_of_the_cause_that_makes_the_outputs_equal(tmp_path):
    """The first factor does."""
    case = Case(tmp_path, cure=HASH, steps=NO_VALUE)

    assert (["hash-seed"], "line", 2) == (case.proven, case.origin.name, case.origin.source.line)
    assert (7.0,) * 2 == case.answer.found.seconds
    assert () == case.answer.notes
    assert "for the place" in case.by_statement.purposes[-1]


def test_where_statements_do_not_differ_the_factors_are_still_tried(tmp_path):
    """There is no place, and no run by statement under a factor."""
    case = Case(tmp_path, cure=HASH)

    assert (["hash-seed"], None) == (case.proven, case.origin)
    assert {} == {name: value for settings in case.by_statement.settings for name, value in settings.items()}
    assert case.found == case.answer.found


def test_a_statement_that_differs_under_the_cure_too_is_no_place(tmp_path):
    """Nor is any other."""
    case = Case(tmp_path, cure=HASH, steps=NO_VALUE, cures_statement=False)

    assert (["hash-seed"], None, case.found) == (case.proven, case.origin, case.answer.found)


def test_two_causes_that_combine_are_tried_on_the_statement(tmp_path):
    """No factor alone makes the outputs equal; one makes the statement equal."""
    case = Case(tmp_path, cure=HASH, steps=NO_VALUE, cures_output=False)

    assert (["hash-seed"], ["hash-seed"], 2) == (case.tried, case.proven, case.origin.source.line)
    assert (7.0,) * 2 == case.answer.found.seconds
    assert 8 == max(len(settings) for settings in case.detailed.settings)


def test_without_a_proven_factor_the_statement_is_still_told(tmp_path):
    """The cause is not known."""
    case = Case(tmp_path, cure=interventions.own_of_torch(), steps=NO_VALUE)

    assert ([], "line", 2) == (case.proven, case.origin.name, case.origin.source.line)


# --------------------------------------------------------------------------------------------- what the statement took


def test_a_statement_is_named_after_the_value_at_its_line_that_the_factor_fixes(tmp_path):
    """A clock, which is tried first."""
    case = Case(tmp_path, cure=CLOCK, steps=(clock_read(2),))

    assert (["clock"], "time.time", 2) == (case.tried, case.origin.name, case.origin.source.line)


def test_a_value_that_the_factor_does_not_fix_gives_no_name(tmp_path):
    """The clock was read, and the hash seed is what cures."""
    case = Case(tmp_path, cure=HASH, steps=(clock_read(2),))

    assert (["clock", "hash-seed"], ["hash-seed"], "line") == (case.tried, case.proven, case.origin.name)


def test_a_value_of_another_line_gives_no_name(tmp_path):
    """It was read before."""
    case = Case(tmp_path, cure=CLOCK, steps=(clock_read(1),))

    assert (["clock"], "line") == (case.proven, case.origin.name)


@pytest.mark.parametrize("seeded", [False, True])
def test_a_statement_that_draws_has_the_generator_if_fixed_entropy_cures_it(tmp_path, seeded):
    """With whether it was seeded."""
    case = Case(tmp_path, cure=ENTROPY, steps=(drawn("numpy.random.rand", 8, 2, seeded=seeded),))

    assert (["entropy"], "line") == (case.proven, case.origin.name)
    assert ("numpy", seeded) == (case.origin.generator, case.origin.seeded)


def test_a_statement_that_draws_has_no_generator_if_another_factor_cures_it(tmp_path):
    """The draw is not why."""
    case = Case(tmp_path, cure=HASH, steps=(drawn("numpy.random.rand", 8, 2, seeded=True),))

    assert (["hash-seed"], None, None) == (case.proven, case.origin.generator, case.origin.seeded)


def test_a_statement_without_a_proven_factor_has_no_generator(tmp_path):
    """Though it draws."""
    case = Case(tmp_path, cure=interventions.own_of_torch(), steps=(drawn("numpy.random.rand", 8, 2, seeded=True),))

    assert ([], None) == (case.proven, case.origin.generator)


# ---------------------------------------------------------------------------------------------------- an unread origin


@pytest.mark.parametrize(
    ("read_at", "unread", "kept"),
    [
        (2, unread_origin(2), True),
        (2, unread_origin(8, key=TaskKey("main.0", 0)), True),  # a child's return value is not followed
        (2, unread_origin(8, key=TaskKey("main", 1)), False),
        (2, unread_origin(2, key=TaskKey("main", 1)), False),
        (2, unread_origin(8, key=TaskKey("other.0", 0)), False),
        (6, unread_origin(6), True),  # a later line of the same statement: the value before it is this one
        (6, unread_origin(7), False),
        (6, unread_origin(6, name="time.monotonic"), False),
        (0, unread_origin(0), False),  # an earlier line is another statement
        (2, unread_origin(8), False),
    ],
)
def test_an_unread_value_is_kept_if_the_statement_that_differs_took_it(tmp_path, read_at, unread, kept):
    """Else it is another value, and the statement is the place."""
    case = Case(tmp_path, cure=CLOCK, steps=(clock_read(read_at),), origin=unread)

    assert (["clock"], kept) == (case.proven, case.origin == unread)
    assert kept == (case.answer.found.base is case.found.base)
    assert kept or (2 == case.origin.source.line)
    assert ((60.0,) * 2 if kept else (7.0,) * 2) == case.answer.found.seconds


def test_an_unread_value_in_another_function_is_another_one(tmp_path):
    """Though its line follows, and it is the value before."""
    unread = Origin(MAIN, 1, "outside", "time.time", SourceLine("train.py", 6, "f", "code of line 6"))

    def there(written):
        site = written.stream.define(writer.SITES, "train.py\t6\tf\tcode of line 6")
        written.stream.append(writer.OUTSIDE, 1, 0, written.stream.define(writer.NAMES, "time.time"), site, 0, 0, 0)

    case = Case(tmp_path, cure=CLOCK, steps=(there,), origin=unread)

    assert (["clock"], "line") == (case.proven, case.origin.name)


@pytest.mark.parametrize(("cure", "kept"), [(CLOCK, True), (HASH, False)])
def test_without_a_statement_an_unread_value_is_kept_if_the_factor_fixes_it(tmp_path, cure, kept):
    """The clock's value by the clock."""
    unread = unread_origin()
    case = Case(tmp_path, cure=cure, origin=unread)

    assert ([cure.factor], unread if kept else None) == (case.proven, case.origin)


def test_an_unread_value_that_the_factor_does_not_fix_gives_way_to_the_statement(tmp_path):
    """Both are at one line."""
    case = Case(tmp_path, cure=HASH, steps=(clock_read(2),), origin=unread_origin())

    assert (["hash-seed"], "line", 2) == (case.proven, case.origin.name, case.origin.source.line)


def test_an_unread_value_stays_where_nothing_is_proven(tmp_path):
    """Nothing says that it is not why."""
    unread = unread_origin()

    assert unread == Case(tmp_path, cure=interventions.own_of_torch(), origin=unread).origin


def test_the_hypotheses_of_both_are_tried_each_once(tmp_path):
    """First those of the value, then those of the statement."""
    case = Case(tmp_path, cure=interventions.own_of_torch(), steps=(clock_read(2),), origin=unread_origin())
    everything = [one["settings"] for one in ({"settings": proof.tried.settings} for proof in case.answer.tests.each)]

    assert "clock" == case.tried[0]
    assert len(everything) == len({str(one) for one in everything})
    assert {"hash-seed", "entropy", "threads"} <= set(case.tried)


# ----------------------------------------------------------------------------------------------------------- the limit


def ended(steps, name=STATEMENTS_END):
    """Statements were recorded up to so many."""

    def write(written):
        written.other(writer.OUTSIDE, "os.getpid", 1, 1, extra=3)
        written.other(writer.OUTSIDE, name, 0, 1, flags=1, extra=steps)

    return write


def test_a_process_whose_statements_were_too_many_is_told(tmp_path):
    """With how many were recorded."""
    case = Case(tmp_path, cure=HASH, steps=(statement(3, 4), ended(41)))

    assert ("statements of process main were recorded up to 41 steps: a later origin has no line",) == case.answer.notes


def test_another_value_ends_no_recording(tmp_path):
    """No note."""
    assert () == Case(tmp_path, cure=HASH, steps=(ended(41, "os.urandom"),)).answer.notes


def test_a_trace_that_only_names_the_limit_has_no_steps(tmp_path):
    """It is not the recorder's: an operation has that name."""
    (note,) = Case(tmp_path, cure=HASH, steps=((STATEMENTS_END, 4, 1),)).answer.notes

    assert "up to 0 steps" in note


def test_the_note_is_told_without_a_place_too(tmp_path):
    """It may be why there is none."""
    case = Case(tmp_path, cure=HASH, steps=(ended(41),), cures_statement=False)

    assert (1, None) == (len(case.answer.notes), case.origin)
