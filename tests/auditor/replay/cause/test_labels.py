"""Which runs count as equal at an origin: within settings pair by pair, across settings by every value there."""

from __future__ import annotations

import pytest
from made_runs import Made, printing, series

from auditor.factors.factors import PLACEBO
from auditor.replay.cause.labels import Labels
from auditor.replay.cause.run_pair import compare_runs

CLOCK, FILL = {"clock": "ticking"}, {"memory-fill": "85"}


def steps(first, *, before=0):
    """An operation whose inputs are equal and whose output is `first`, after another one."""
    return ("aten::other", 5 + before, 2), ("aten::first", 7 + first, 3), printing(7 + first, 4)


@pytest.fixture
def labelled(tmp_path):
    """A function of (settings, what a run gave at the origin, details) that gives its label."""
    base, other = series(tmp_path / "pair", *(Made(one, steps(one), detail=True) for one in range(2)))
    labels = Labels(base, compare_runs(base, other, search=True).origin)
    count = iter(range(100))

    def label(settings, value, **details):
        (run,) = series(tmp_path / str(next(count)), Made(value, steps(value, **details), detail=True))
        return labels.of(run, settings)

    label.labels = labels
    return label


def test_equal_results_have_equal_labels(labelled):
    """In the order of their first coming."""
    assert [0, 1, 0, 2, 1] == [labelled({}, value) for value in (0, 1, 0, 2, 1)]


def test_a_result_that_came_under_other_settings_has_the_same_label(labelled):
    """All its values at the origin are equal."""
    assert [0, 1] == [labelled({}, value) for value in (0, 1)]
    assert [1, 0, 2] == [labelled(CLOCK, 1), labelled(FILL, 0), labelled(FILL, 5)]


def test_the_placebo_is_no_other_setting(labelled):
    """It changes the time alone."""
    assert labelled({}, 3) == labelled({PLACEBO: "2.00"}, 3)


def test_two_results_under_one_factor_never_share_a_label(labelled):
    """Even if what comes before is changed by it, so that nothing begins there against runs without it."""
    labelled({}, 0)
    under = [labelled(CLOCK, value, before=1) for value in (0, 4)]

    assert 2 == len({*under})


@pytest.mark.parametrize(("settings", "equal"), [({"compile": "off"}, False), (CLOCK, True)])
def test_without_the_compiler_any_difference_counts(labelled, tmp_path, settings, equal):
    """The origin's step is another one then, and would vanish in any case."""
    runs = (Made(0, (("aten::eager", 7 + one, 9),), detail=True) for one in range(2))
    first, second = (labelled.labels.of(run, settings) for run in series(tmp_path / "eager", *runs))

    assert equal == (first == second)


def test_a_run_that_ended_otherwise_has_no_label_but_a_reason(labelled, tmp_path):
    """The next one has."""
    (failed,) = series(tmp_path / "failed", Made(0, steps(0), detail=True, exit_code=3))

    assert (None, "it ended with exit code 3, without the factor with 0") == (
        labelled.labels.of(failed, CLOCK),
        labelled.labels.why,
    )
    assert (0, "") == (labelled({}, 0), labelled.labels.why)


def test_without_an_origin_any_difference_counts(tmp_path):
    """Also one under other settings."""
    runs = series(tmp_path, *(Made(value) for value in (0, 1, 0)))
    labels = Labels(runs[0], None)

    assert [0, 1, 0] == [labels.of(run, settings) for run, settings in zip(runs, ({}, CLOCK, FILL), strict=True)]
