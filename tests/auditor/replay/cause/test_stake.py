"""The stake against the coin: what makes it grow, what counts as showing, what a proof needs beside it."""

import itertools

import pytest

from auditor.replay.cause.stake import USUALLY, Stake, usual_of


def made(off, *, clean=100, values=1):
    """A stake whose first value gave one result twice."""
    stake = Stake(list(off), values)
    for _ in range(2):
        stake.clean(0, clean)
    return stake


def test_where_it_always_shows_each_drawn_run_doubles_the_stake():
    stake = made([1, 2, 3])
    sizes = []
    for arm, label in [(None, 4), (0, 100), (None, 5)]:
        stake.note(arm, label, known=True)
        sizes.append(stake.size)

    assert pytest.approx([2, 4, 8], rel=0.05) == sizes


def test_one_run_without_the_factor_that_does_not_show_ends_the_bet_on_always():
    """Only the bets on rarer events are left."""
    stake = made([1, 1, 2], clean=1)
    before = stake.size
    stake.note(None, 1, known=True)

    assert (before, stake.shown, stake.released) == (pytest.approx(sum(USUALLY)), 0, 1)
    assert stake.size < 1


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9, 1.0])
def test_a_factor_without_effect_wins_nothing_on_average(rate):
    """The game is fair: over every course of four drawn runs the mean stake is one, whatever the rate outside."""
    mean = 0.0
    for course in itertools.product((None, 0), (0, 1), repeat=4):
        stake, chance, clean = made([0, 0, 1], clean=0), 1.0, True
        for arm, label in zip(course[::2], course[1::2], strict=True):
            chance *= 0.5 * (rate if label else 1 - rate)
            clean = clean and (arm is None or stake.clean(0, label))
            stake.note(arm, label, known=True)
        mean += chance * stake.size * clean

    assert pytest.approx(1.0) == mean


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("before", [(1, 1, 0), (0, 0, 1), (1, 1, 1, 0, 0)])
def test_a_factor_that_changes_results_lawfully_wins_nothing_either(rate, before):
    """Its result equals none without it, and what was usual at first may be rare: (1, 1, 0) at a rate of 20 %."""
    mean = 0.0
    for course in itertools.product((None, 0), (0, 1), repeat=4):
        stake, chance, clean = made(before, clean=10), 1.0, True
        for arm, label in zip(course[::2], course[1::2], strict=True):
            chance *= 0.5 * (rate if label else 1 - rate)
            clean = clean and (arm is None or stake.clean(0, 10 + label))
            stake.note(arm, label if arm is None else 10 + label, known=True)
        mean += chance * stake.size * clean

    assert mean <= 1.0 + 1e-9


@pytest.mark.parametrize("rates", [(0.8, 0.1, 0.1), (0.4, 0.3, 0.3), (0.6, 0.4, 0.0)])
def test_nor_where_each_of_the_first_runs_gave_a_result_of_its_own(rates):
    """Several results, and a factor without effect that gives each of them another name."""
    mean = 0.0
    for course in itertools.product((None, 0), range(3), repeat=4):
        stake, chance, clean = Stake([0, 1, 2]), 1.0, True
        for arm, label in zip(course[::2], course[1::2], strict=True):
            chance *= 0.5 * rates[label]
            clean = clean and (arm is None or stake.clean(0, 10 + label))
            if clean:
                stake.note(arm, label if arm is None else 10 + label, known=len(stake.under.get(0, ())) > 1)
        mean += chance * clean * (stake.size if stake.under else 0)

    assert mean <= 1.0 + 1e-9


def test_results_that_come_again_now_and_then_leave_it_growing():
    """One of twenty results in every run: no result is usual, and none comes once only."""
    stake = made([0, 1, 2])
    for number in range(24):
        stake.note(None, number * 7 % 20, known=True)
        stake.clean(0, 100)
        stake.note(0, 100, known=True)

    assert 22 == stake.shown
    assert stake.size > 1e6


def shown(off, clean, drawn):
    """How many of these runs without the factor show the origin."""
    stake = made(off, clean=clean)
    for label in drawn:
        stake.note(None, label, known=True)
    return stake.shown


def test_what_shows_is_held_against_the_result_under_the_factor_where_it_came_without_it():
    """Else against the worst of what is usual by now; else whatever came once only."""
    assert [1, 0] == [shown([1, 1, 2], 2, [label]) for label in (1, 2)]
    assert [0, 1] == [shown([1, 1, 2], 100, [label]) for label in (1, 3)]
    assert 1 == shown([1, 1, 2], 100, [2, 2, 1])
    assert [3, 1] == [shown([1, 2, 3], 100, drawn) for drawn in ((4, 5, 6), (4, 5, 5))]


def test_two_values_that_give_two_known_results_are_a_switch():
    """Then the coin draws between them, and each run that was foretold doubles the stake."""
    stake = Stake([7, 8, 7], values=6)
    assert stake.clean(0, 7)
    assert stake.switch is None
    assert stake.clean(3, 8)
    assert ((0, 3), {0: 0.5, 3: 0.5}) == (stake.switch, stake.arms())
    before = stake.size
    stake.note(3, 8, known=True)

    assert stake.size == 2 * before
    assert stake.missing() == 0


def test_a_proof_needs_two_clean_runs_of_each_value_and_two_that_show_without():
    stake = made([1, 2, 3], values=2)
    assert stake.missing() is None
    for label in (4, 5):
        stake.note(None, label, known=True)
    assert 1 == stake.missing()
    stake.clean(1, 200)
    stake.clean(1, 200)
    assert stake.missing() == ""


def test_another_result_under_one_value_is_not_clean():
    stake = made([1, 2, 3])

    assert stake.clean(0, 100)
    assert not stake.clean(0, 101)


def test_usual_is_what_came_twice():
    assert [1, None, None] == [usual_of([1, 2, 1]), usual_of([1, 2]), usual_of([])]
