"""Two runs compared: what they show, and what they cannot show."""

from __future__ import annotations

import pytest
from made_runs import Made, outside, printing, problem, series

from auditor.replay.cause.run_pair import compare_runs, outputs_differ

SAME = (("aten::add", 5, 3),)
OTHER = (("aten::add", 6, 3),)


def compared(tmp_path, *made, search=False):
    """The pair of these two."""
    return compare_runs(*series(tmp_path, *made), search=search)


def shown(pair):
    """(usable, differs, conclusive, note)."""
    return pair.usable, pair.differs, pair.conclusive, pair.note


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        (Made(1, SAME), Made(1, SAME), False),
        (Made(1, SAME), Made(2, SAME), True),
        (Made(1, SAME), Made(1, OTHER), True),
        (Made(1, SAME, files=(("a", "x"),)), Made(1, SAME, files=(("a", "y"),)), True),
    ],
    ids=["equal", "printed", "recorded", "written"],
)
def test_two_whole_runs_are_usable_whatever_they_show(tmp_path, first, second, differs):
    """A difference of what they printed, wrote or recorded is one."""
    assert (True, differs, True, "") == shown(compared(tmp_path, first, second))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("broken", "note"),
    [
        (Made(1, SAME, timed_out=True), "a run did not end in time"),
        (Made(1, SAME, problems=("first", "second")), "first"),
        (Made(1, SAME, timed_out=True, problems=("first",)), "a run did not end in time"),
    ],
)
def test_a_run_that_failed_shows_nothing(tmp_path, broken, note, turned):
    """Whichever of the two it is; not even that they differ."""
    pair = [Made(2, SAME), broken]

    assert (False, True, False, note) == shown(compared(tmp_path, *(reversed(pair) if turned else pair)))


def test_other_exit_codes_are_told_in_the_order_of_the_runs(tmp_path):
    """First the first run's."""
    made = Made(1, SAME, exit_code=3), Made(1, OTHER)

    assert (False, False, False, "exit codes differ: 3 and 0") == shown(compared(tmp_path, *made))


def test_two_problems_of_the_recording_are_told(tmp_path):
    """A third one is left out."""
    made = Made(1, (*SAME, *map(problem, "abc"))), Made(1, OTHER)

    assert (False, False, False, "main.0.trc: a; main.0.trc: b") == shown(compared(tmp_path, *made))


@pytest.mark.parametrize("printed", [1, 2])
def test_a_main_process_that_was_cut_off_shows_nothing(tmp_path, printed):
    """What it recorded is no difference: where it was cut is chance."""
    made = Made(1, SAME, end=False), Made(printed, OTHER)

    assert (False, printed == 2, False, "the recording of process main was cut off") == shown(compared(tmp_path, *made))


@pytest.mark.parametrize(
    ("printed", "outcome"),
    [
        (1, (True, False, True, "")),  # they made the same steps together
        (2, (False, True, True, "the recording of process main.0 was cut off")),
    ],
)
def test_workers_that_their_parent_ended_hide_no_difference_of_the_output(tmp_path, printed, outcome):
    """But where they recorded other steps, agreement cannot be concluded."""
    first, second = (
        Made(value, SAME, streams=(("main.0.0", (("aten::exp", value, 5),), False),)) for value in (1, printed)
    )

    assert outcome == shown(compared(tmp_path, first, second))


def test_each_process_that_was_cut_off_is_named_once(tmp_path):
    """Two tasks of one process were cut."""
    streams = (("main.0.0", (("aten::exp", 8, 5),), False), ("main.0.1", (("aten::exp", 9, 5),), False))
    made = Made(1, SAME, streams=streams), Made(2, OTHER, streams=((*streams[0][:1], (("aten::exp", 7, 5),), False),))

    assert "the recording of process main.0 was cut off" == compared(tmp_path, *made).note


def test_the_origin_is_searched_only_when_asked(tmp_path):
    """And other origins of the pair are known by their identity."""
    made = Made(1, (("aten::add", 5, 3), printing(5))), Made(2, (("aten::add", 6, 3), printing(6)))
    without, found = compared(tmp_path / "a", *made), compared(tmp_path / "b", *made, search=True)

    assert (None, "aten::add") == (without.origin, found.origin.name)
    assert (False, True) == (without.holds(found.origin.identity), found.holds(found.origin.identity))
    assert not found.holds(found.origin.identity._replace(line=4))


def test_equal_runs_have_no_origin(tmp_path):
    """Though it was asked for."""
    assert compared(tmp_path, Made(1, SAME), Made(1, SAME), search=True).origin is None


@pytest.mark.parametrize("search", [False, True])
def test_external_values_that_nothing_reads_are_told(tmp_path, search):
    """With and without a search for the origin of another difference."""
    made = [Made(one, (outside("os.urandom", one, 2), *SAME)) for one in (1, 2)]

    assert ["os.urandom"] == [value.name for value in compared(tmp_path, *made, search=search).external_values]


def test_the_files_that_differ_are_told_in_order_behind_stdout(tmp_path):
    """One that only one run wrote is among them."""
    first = Made(1, files=(("c", "1"), ("b", "2"), ("same", "3")))
    second = Made(2, files=(("b", "4"), ("a", "5"), ("same", "3")))

    assert ["stdout", "a", "b", "c"] == outputs_differ(*series(tmp_path, first, second))
    assert [] == outputs_differ(*series(tmp_path / "again", first, first))
