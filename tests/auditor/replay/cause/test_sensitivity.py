"""The sensitivity table: one row for each factor that is asked for, from prepared runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_runs import Experiment, Made, outside, series

from auditor.factors.factors import FACTORS
from auditor.replay.cause import sensitivity
from auditor.replay.cause.sensitivity import first_difference, names_of, table


def rows(tmp_path, make, *asked, rate=None):
    """The rows of these factors, where the baseline run printed 0; and the experiment."""
    experiment = Experiment(tmp_path, make)
    (base,) = series(tmp_path, Made(0))
    return list(table(experiment, base, asked, rate)), experiment


def row(tmp_path, make, *, rate=None):
    """The row of the clock; and the experiment."""
    (only,), experiment = rows(tmp_path, make, "clock", rate=rate)
    return only, experiment


# -------------------------------------------------------------------------------------------------------- which factors


def test_each_factor_is_tried_once_in_the_order_in_which_it_was_asked_for():
    """A name that is given twice is one."""
    assert ["clock", "tmp"] == names_of(["clock", "tmp", "clock"], diverged=False)


def test_all_stands_for_every_factor_that_is_worth_a_try():
    """With those that can only make runs equal where they diverge."""
    agreeing, diverging = names_of(["all"], diverged=False), names_of(["all"], diverged=True)

    assert set(FACTORS) - set(agreeing) - set(sensitivity.NOT_VARIED) == set(diverging) - set(agreeing)
    assert {"entropy"} == set(diverging) - set(agreeing)
    assert not set(sensitivity.NOT_VARIED) & set(diverging)


def test_the_innocent_factors_are_tried_first():
    """A result that depends on one of them is at fault."""
    innocent = [FACTORS[name].innocent for name in names_of(["all"], diverged=False)]

    assert sorted(innocent, reverse=True) == innocent


def test_a_factor_that_all_leaves_out_can_be_named():
    """Behind `all` too."""
    assert "contention" == names_of(["all", "contention"], diverged=False)[-1]


@pytest.mark.parametrize(("rate", "factors"), [(None, {"clock", "entropy"}), (0.9, {"clock", "entropy"})])
def test_the_table_has_a_row_for_each(tmp_path, rate, factors):
    """Whether the runs agree or not."""
    found, _ = rows(tmp_path, lambda *_: Made(0), "clock", "entropy", rate=rate)

    assert factors == {one.factor for one in found}


@pytest.mark.parametrize(("rate", "more"), [(None, False), (0.9, True)])
def test_all_tries_fixed_entropy_only_where_runs_diverge(tmp_path, rate, more):
    """It can only make runs equal."""
    found, _ = rows(tmp_path, lambda *_: Made(0), "all", rate=rate)

    assert more == ("entropy" in {one.factor for one in found})
    assert len(found) == len({one.factor for one in found})


@pytest.mark.parametrize(("rate", "value"), [(None, "later"), (0.9, "ticking")])
def test_a_clock_that_shall_make_runs_equal_is_another_than_one_that_shall_make_them_differ(tmp_path, rate, value):
    """The run is made under it, and the row tells it."""
    found, experiment = row(tmp_path, lambda *_: Made(0), rate=rate)

    assert ({"clock": value}, value) == (experiment.settings[0], found.value)
    assert f"with clock={value} alone" == experiment.purposes[0]


def test_a_factor_without_a_value_of_its_own_here_gets_its_first(tmp_path):
    """As its definition lists them."""
    (found,), experiment = rows(tmp_path, lambda *_: Made(0), "threads")

    assert {"threads": FACTORS["threads"].values[0]} == experiment.settings[0]
    assert found.innocent is FACTORS["threads"].innocent is False


# ------------------------------------------------------------------------------------- against baseline runs that agree


def test_one_run_that_agrees_with_the_baseline_is_enough(tmp_path):
    """Nothing is noted."""
    found, _ = row(tmp_path, lambda *_: Made(0))

    assert ("identical", 1, "", "", True) == (found.verdict, found.runs, found.first, found.note, found.innocent)


def test_two_runs_that_differ_alike_show_that_the_factor_makes_the_difference(tmp_path):
    """The row names the first operation that differs."""
    found, experiment = row(tmp_path, lambda *_: Made(4))

    assert ("diverged", 2, "aten::add at train.py:3", "") == (found.verdict, found.runs, found.first, found.note)
    assert "with clock=later alone, once more" == experiment.purposes[1]


def test_two_runs_that_differ_from_each_other_too_are_not_explained_by_it(tmp_path):
    """Something else varies."""
    found, _ = row(tmp_path, lambda _, number: Made(4 + number))

    assert ("inconclusive", 2, "aten::add at train.py:3") == (found.verdict, found.runs, found.first)
    assert "does not explain" in found.note


@pytest.mark.parametrize(("broken", "first"), [(0, ""), (1, "aten::add at train.py:3")])
def test_a_run_that_failed_makes_the_row_inconclusive(tmp_path, broken, first):
    """With what the runs before had shown."""
    found, _ = row(tmp_path, lambda _, number: Made(4, problems=("lost",) if number == broken else ()))

    assert ("inconclusive", 1 + broken, first, "lost") == (found.verdict, found.runs, found.first, found.note)


# --------------------------------------------------------------------------------- where the baseline runs diverge


@pytest.mark.parametrize(
    ("rate", "runs", "chance"),
    [
        (0.99, 2, ""),  # one clean run is enough
        (0.7, 4, ""),  # 0.3 ** 3 is the first power below one in twenty
        (0.5, 4, "; this may be chance: 6 would be needed"),  # 0.5 ** 5
        (0.1, 4, "; this may be chance: 30 would be needed"),  # 0.9 ** 29
    ],
)
def test_runs_that_agree_under_the_factor_are_made_as_often_as_the_rate_asks(tmp_path, rate, runs, chance):
    """Up to a limit, and what would be needed is told."""
    found, experiment = row(tmp_path, lambda *_: Made(4), rate=rate)

    assert ("identical", runs, runs) == (found.verdict, found.runs, len(experiment.asked))
    assert f"makes the runs equal ({runs} runs under it agree{chance})" == found.note


@pytest.mark.parametrize("odd", [1, 3])
def test_the_first_run_that_differs_ends_the_row(tmp_path, odd):
    """It is compared with the first run under the factor."""
    found, experiment = row(tmp_path, lambda _, number: Made(int(number == odd)), rate=0.1)

    assert ("diverged", odd + 1, "aten::add at train.py:3", "") == (found.verdict, found.runs, found.first, found.note)
    assert "with clock=ticking alone, once more" == experiment.purposes[-1]


def test_a_factor_that_changes_the_exit_code_is_inconclusive(tmp_path):
    """Runs that fail alike under it are not equal runs."""
    found, _ = row(tmp_path, lambda *_: Made(0, exit_code=3), rate=0.9)

    assert ("inconclusive", 1) == (found.verdict, found.runs)
    assert "it ended with exit code 3, without the factor with 0" == found.note


def test_a_later_run_that_failed_is_inconclusive(tmp_path):
    """With its reason."""
    found, _ = row(tmp_path, lambda _, number: Made(0, timed_out=number == 2), rate=0.1)

    assert ("inconclusive", 3, "a run did not end in time") == (found.verdict, found.runs, found.note)


# ------------------------------------------------------------------------------------------------ the first difference


def first_of(tmp_path, *made):
    """The first difference of two such runs, in words."""
    return first_difference(*series(tmp_path, *made))


def test_the_first_operation_that_differs_is_named(tmp_path):
    """Not a later one."""
    made = [Made(0, (("aten::one", 5, 1), ("aten::two", 6 + n, 2), ("aten::three", 8 + n, 3))) for n in (0, 1)]

    assert "aten::two at train.py:2" == first_of(tmp_path, *made)


@pytest.mark.parametrize("longer", [0, 1])
def test_a_step_that_only_one_run_had_is_named(tmp_path, longer):
    """Not the end of the other run, which has no line."""
    steps = ("aten::one", 5, 1), ("aten::two", 6, 2)

    assert "aten::two at train.py:2" == first_of(tmp_path, *(Made(0, steps[: 1 + (n == longer)]) for n in (0, 1)))


def test_without_an_operation_the_external_value_is_named(tmp_path):
    """Nothing else differs in the trace."""
    made = [Made(n, (outside("os.urandom", 5 + n, 7), ("aten::one", 5, 1))) for n in (0, 1)]

    assert "os.urandom at train.py:7" == first_of(tmp_path, *made)


def test_without_any_recorded_difference_the_outputs_are_named(tmp_path):
    """All of them."""
    same = Made(0, (("aten::one", 5, 1),), files=(("out.txt", "a"),))

    assert "stdout, out.txt" == first_of(tmp_path, same, replace(same, printed=1, files=(("out.txt", "b"),)))
