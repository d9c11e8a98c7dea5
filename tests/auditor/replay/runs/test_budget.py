"""How many runs may still be made: by number, and by time."""

from auditor.replay.runs.budget import OR_RUNS, RUNS, SECONDS, Budget


def clocked(**given):
    """A budget with a clock that the test sets, and that clock."""
    clock = [100.0]
    return Budget(now=lambda: clock[0], **given), clock


def test_runs_before_it_begins_are_not_counted():
    """Those are the baseline runs."""
    budget, _ = clocked()
    budget.count()
    budget.begin([1.0])

    assert RUNS == budget.left


def test_each_run_is_counted_and_none_is_left_at_the_end():
    """Never less than none."""
    budget, _ = clocked(runs=2)
    budget.begin([1.0])
    left = []
    for _ in range(3):
        budget.count()
        left.append(budget.left)

    assert [1, 0, 0] == left


def test_the_time_ends_it():
    """A quarter of an hour, if no run takes long."""
    budget, clock = clocked()

    assert SECONDS == budget.begin([1.0, 2.0])
    clock[0] += SECONDS - 1
    assert RUNS == budget.left
    clock[0] += 1
    assert 0 == budget.left


def test_long_runs_have_the_time_of_eight():
    """Of the longest."""
    assert OR_RUNS * 1000 == Budget().begin([200.0, 1000.0])


def test_a_time_that_was_asked_for_holds():
    """However long a run takes."""
    assert 60.0 == Budget(seconds=60.0).begin([1000.0])


def test_nothing_is_run_once_we_are_told_to_stop():
    """However much was left."""
    budget = Budget()
    budget.stop()

    assert 0 == budget.left


def test_the_next_run_is_expected_to_take_as_long_as_the_last_ones():
    """Runs with details are slower than those before."""
    assert 0.0 == Budget().typical
    assert 9.0 == Budget(took=[1.0, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0]).typical
