"""What a person reads while a replay runs, and can plan by."""

import time

import pytest

from auditor.replay.runs.budget import Budget
from auditor.replay.runs.progress import duration, long_search, moment, run_line, search_plan


@pytest.fixture(autouse=True)
def _utc(monkeypatch):
    """It is noon, and the wall shows UTC."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(time, "time", lambda: 12 * 3600.0)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def after(*seconds, begun=False, **given):
    """A budget after baseline runs of these seconds."""
    budget = Budget(now=lambda: 100.0, took=list(seconds), **given)
    if begun:
        budget.begin(seconds)
    return budget


def test_baseline_runs_tell_how_many_there_are_and_how_long_they_take():
    """Of the first, nothing is known."""
    assert "run 1 of 3: as it is" == run_line(1, "as it is", 3, after())
    assert "run 2 of 3: as it is; about 2 min left" == run_line(2, "as it is", 3, after(60.0))
    assert "run 3 of 3: as it is; about 60 s left" == run_line(3, "as it is", 3, after(60.0, 60.0))
    assert "run 3 of 3: as it is" == run_line(3, "as it is", 3, after(0.2, 0.2))


def test_the_search_tells_its_last_run_and_its_time():
    """The time is that of the runs that are left, or that of the budget if that ends before."""
    line = run_line(4, "with seed=0, 1 of 2", 3, after(10.0, 10.0, 10.0, begun=True))
    short = run_line(4, "x", 3, after(10.0, 10.0, 10.0, begun=True, seconds=60.0))

    assert "run 4 of at most 27: with seed=0, 1 of 2; at most about 4 min left" == line
    assert "run 4 of at most 27: x; at most about 60 s left" == short


def test_runs_beyond_the_search_have_no_bound():
    """The line of a proven cause, and what --vary asks for."""
    budget = after(1.0, 1.0, 1.0, begun=True, runs=2)
    beyond = run_line(6, "x", 3, budget)
    budget.close()

    assert ["run 6: x", "run 5: x"] == [beyond, run_line(5, "x", 3, budget)]


def test_the_plan_of_a_search_has_its_end_on_the_clock():
    """Of so many runs, or of the time that is given; with the run that may then still go on."""
    budget = after(60.0, 60.0, 60.0)
    expected = "looking for the cause: up to 24 runs, about 15 min, ends by 12:16"

    assert expected == search_plan(budget, budget.begin([60.0]))
    short = after(10.0, runs=1)
    assert "up to 1 run, about 10 s, ends by 12:00" in search_plan(short, short.begin([10.0]))


def test_a_long_search_is_told_after_the_first_run():
    """Where the time of eight runs is longer than the default; not where the user said how long."""
    told = long_search(300.0, 3, Budget())

    assert "may take the time of 8 runs (40 min), until about 12:50; --budget-minutes sets another limit" in told
    assert ["", ""] == [long_search(100.0, 3, Budget()), long_search(300.0, 3, Budget(seconds=60.0))]


def test_durations_and_moments_are_those_of_people():
    """Another day has its date."""
    assert ["10 s", "90 s", "2 min"] == [duration(one) for one in (3.0, 89.0, 100.0)]
    assert ["12:00", "1970-01-02 00:00"] == [moment(one) for one in (0.0, 12 * 3600.0)]
