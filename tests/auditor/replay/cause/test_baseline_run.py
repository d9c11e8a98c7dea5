"""How often a divergence shows, and when luck explains clean runs."""

import pytest
from made_runs import Experiment, Made, printing, series

from auditor.replay.cause import baseline_run
from auditor.replay.cause.baseline_run import DivergenceCount, after_details, first_seen, search
from auditor.replay.runs.budget import Budget


def test_luck_is_fishers_exact_test():
    """Against its definition: of all orders of the runs, the share in which those under the factor are all clean."""
    assert 1 / 56 == pytest.approx(DivergenceCount(5, 5).p_value(3))
    assert 252 / 1287 == pytest.approx(DivergenceCount(8, 3).p_value(5))
    assert 1 == DivergenceCount(8, 0).p_value(5)


def test_a_rare_event_cannot_be_proven_away():
    """One of ten runs differed: twelve clean ones say nothing."""
    assert 9 / 21 == pytest.approx(DivergenceCount(9, 1).p_value(12))


def test_the_rate_counts_the_usual_run():
    """Three runs, each other than the others: two thirds, since one of them must be the usual one."""
    assert 2 / 3 == pytest.approx(DivergenceCount(2, 2).rate)
    assert DivergenceCount(5, 3) == DivergenceCount(2, 2) + DivergenceCount(3, 1)


# -------------------------------------------------------------------------------------------------- the search


def searched(tmp_path, *values, **details):
    """The search in an experiment whose runs print these values, the last one again and again."""
    experiment = Experiment(tmp_path, lambda _, number: Made(values[min(number, len(values) - 1)], **details))
    return search(experiment, Budget()), experiment


def base_of(found):
    """What the baseline run printed."""
    return int(found.base.stdout.path.read_text())


def test_runs_that_agree_are_made_up_to_the_limit(tmp_path):
    """Then nothing was found."""
    found, experiment = searched(tmp_path, 7)

    assert (None, 1 + baseline_run.MOST_SEARCHES) == (found, len(experiment.asked))
    assert all(settings == {} for settings in experiment.settings)


@pytest.mark.parametrize(
    ("values", "runs", "base", "count"),
    [
        ((1, 2, 3), 3, 1, (2, 2)),
        ((9, 1, 1), 3, 1, (2, 1)),
        ((1, 2, 1, 1), 4, 1, (3, 1)),
        ((1, 1, 2, 3), 4, 1, (3, 2)),
        ((1, 1, 1, 1, 1, 2), 6, 1, (5, 1)),
        ((1, 2, 1, 3), 4, 1, (3, 2)),
    ],
    ids=["always", "the-first-is-rare", "once", "late-twice", "rare", "often"],
)
def test_the_search_ends_once_enough_runs_diverged(tmp_path, values, runs, base, count):
    """After two that diverged, or after four runs with one, or with the first that diverges later."""
    found, experiment = searched(tmp_path, *values)

    assert (runs, base) == (len(experiment.asked), base_of(found))
    assert DivergenceCount(*count) == found.seen
    assert runs == len(found.seconds)


def test_each_run_of_the_search_says_which_it_is(tmp_path):
    """For the progress display."""
    _, experiment = searched(tmp_path, 1, 1, 2, 3)

    assert [
        "with details, to find where it begins",
        "with details, 2",
        "with details, 3",
        "with details, 4",
    ] == experiment.purposes


def test_the_origin_is_the_one_between_the_baseline_and_another_run(tmp_path):
    """The first run differs from all others; its trace is the second of the pair."""
    values = 9, 1, 1
    steps = [(printing(7, 2), ("aten::add", value, 3), printing(value)) for value in values]
    found = search(Experiment(tmp_path, lambda _, number: Made(values[number], steps[number])), Budget())

    assert ("aten::add", 3) == (found.origin.name, found.origin.source.line)


def test_a_run_that_cannot_be_compared_is_not_the_baseline(tmp_path):
    """It counts for nothing; the others do."""
    runs = series(tmp_path, Made(1, exit_code=1), Made(1), Made(2), Made(2))

    assert DivergenceCount(2, 1) == first_seen(runs).seen
    assert 2 == base_of(first_seen(runs))


def test_a_divergence_that_no_pair_shows_is_none(tmp_path):
    """Every run with another exit code than the first shows nothing."""
    experiment = Experiment(tmp_path, lambda _, number: Made(number, exit_code=number))

    assert search(experiment, Budget()) is None


def test_the_search_counts_the_pairs_that_show_something(tmp_path):
    """A run that was cut off is made in vain, and the search goes on."""
    found, experiment = searched_with_failure(tmp_path)

    assert (4, DivergenceCount(2, 2)) == (len(experiment.asked), found.seen)


def searched_with_failure(tmp_path):
    """The second run fails; every other one diverges."""
    experiment = Experiment(tmp_path, lambda _, number: Made(number, timed_out=number == 1))
    return search(experiment, Budget()), experiment


# ------------------------------------------------------------------------------------ among runs that diverged


@pytest.mark.parametrize(("values", "hidden"), [((1, 2, 3, 4), True), ((1, 1, 1, 2), False)])
def test_clean_runs_with_details_count_unless_details_hide_the_event(tmp_path, values, hidden):
    """So many clean ones are no chance where every run diverged."""
    found = after_details(first_seen(series(tmp_path, *[Made(value, seconds=value) for value in values])))

    assert DivergenceCount(0 if hidden else baseline_run.MOST_SEARCHES, 0) == found.seen
    assert values == found.seconds


def test_the_first_pair_with_an_origin_gives_it(tmp_path):
    """One run differs only in what it printed."""
    same, other = (("aten::add", 5, 3), printing(5)), (("aten::add", 6, 3), printing(6))
    found = after_details(first_seen(series(tmp_path, Made(1, same), Made(1, same), Made(2, same), Made(3, other))))

    assert (1, "aten::add") == (base_of(found), found.origin.name)


def test_where_only_the_output_differs_there_is_no_origin(tmp_path):
    """No recorded step differs."""
    same = (("aten::add", 5, 3),)

    assert first_seen(series(tmp_path, Made(1, same), Made(2, same))).origin is None


def test_counts_add_up():
    """Trials and shown, each by itself."""
    assert DivergenceCount(9, 5) == DivergenceCount(4, 2) + DivergenceCount(5, 3)
    assert DivergenceCount(3, 1) == DivergenceCount(3, 1) + DivergenceCount()
    assert 0.25 == DivergenceCount(3, 1).rate


@pytest.mark.parametrize(("always", "runs"), [(False, 1 + baseline_run.MOST_SEARCHES), (True, 5)])
def test_a_search_for_what_details_hide_ends_sooner_where_every_run_diverged(tmp_path, always, runs):
    """Four agreeing runs are enough then, so that the budget is left for the cause."""
    experiment = Experiment(tmp_path, lambda *_: Made(0))

    assert (None, runs) == (search(experiment, Budget(), always=always), len(experiment.asked))


def test_one_diverging_run_is_enough_where_every_run_diverged(tmp_path):
    """Without that two are wanted."""
    made = [Experiment(tmp_path / name, lambda _, number: Made(number)) for name in ("once", "twice")]
    for experiment, always in zip(made, (True, False), strict=True):
        search(experiment, Budget(), always=always)

    assert len(made[0].asked) <= len(made[1].asked)
    assert 2 == len(made[0].asked)


def test_a_search_ends_with_the_budget(tmp_path):
    """Nothing is left after the first run."""
    experiment = Experiment(tmp_path, lambda *_: Made(0))

    assert (None, 1) == (search(experiment, Budget(0)), len(experiment.asked))
