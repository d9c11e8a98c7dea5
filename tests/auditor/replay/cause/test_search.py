"""The search for a cause: what is proven, refuted, left open, and with how many runs; no innocent factor is named."""

import random

from auditor.replay.cause.search import CauseSearch
from auditor.replay.cause.search_model import Factor


class Bench:
    """Runs of a program that is a function of (settings, number of the run)."""

    def __init__(self, program, left=24, beneath=()):
        self.beneath = beneath
        self.program, self.left, self.why, self.made = program, left, "", []

    def run(self, settings, purpose, beside=None):
        """The label that the program gives; None for a run that ended otherwise."""
        self.left -= 1
        self.made.append((dict(settings), purpose, beside))
        label = self.program(settings, len(self.made))
        self.why = "it ended with exit code 1" if label is None else ""
        return label

    def still_enters(self, values):
        """Whether another value comes in although the one taken from outside is fixed: by the factor's name."""
        return any(name in self.beneath for one in values for name in one)


def searched(program, count, *, values=1, left=24, off=(-1, -2, -3), seed=0, beneath=()):
    """The bench and the outcome of a search among `f0`, `f1`, ..."""
    bench = Bench(program, left, beneath)
    factors = [Factor(f"f{n}", tuple({f"f{n}": str(value)} for value in range(values))) for n in range(count)]
    return bench, CauseSearch(factors, bench, list(off), coin=random.Random(seed)).run()


def cured_by(*names):
    """It shows in every run, unless all of these are on."""
    return lambda settings, number: 0 if set(names) <= set(settings) else number


def test_what_removes_a_value_from_outside_and_not_what_comes_in_is_no_cause_and_ends_the_search():
    """Two looks tell, no level is spent: the search goes on with that value fixed."""
    bench, found = searched(cured_by("f0"), 3, beneath=("f0",))

    assert (None, 0, 0.01) == (found.proven, found.beneath, found.level)
    assert 2 == len(bench.made)


def test_the_level_that_is_left_is_what_no_test_has_used():
    """A search beneath another one may use no more."""
    assert 0 == searched(cured_by("f0"), 1)[1].level


def test_the_only_hypothesis_is_proven_and_the_runs_are_counted():
    bench, found = searched(cured_by("f0"), 1)
    (tested,) = found.tested

    assert (0, "proven") == (found.proven, tested.state)
    assert tested.stake >= 100
    assert tested.without == tested.shown >= 2
    assert tested.under == sum(bool(settings) for settings, *_ in bench.made)
    assert len(bench.made) <= 13


def test_runs_without_the_factor_know_what_they_stand_beside():
    """So that they take as long."""
    bench, _ = searched(cured_by("f0"), 1)

    assert {(("f0", "0"),)} == {tuple(beside.items()) for settings, _, beside in bench.made if not settings}


def test_two_values_must_agree_where_a_factor_has_them():
    """One value hides what it does not cause: it is refuted by the other."""
    _, hidden = searched(lambda settings, number: 0 if settings.get("f0") == "0" else number, 1, values=2)
    bench, real = searched(cured_by("f0"), 1, values=2)

    assert (None, "refuted") == (hidden.proven, hidden.tested[0].state)
    assert 0 == real.proven
    assert {"0", "1"} == {settings["f0"] for settings, *_ in bench.made if settings}


def test_what_shows_under_a_factor_is_refuted_in_two_runs_and_the_next_is_tried():
    bench, found = searched(cured_by("f1"), 2)

    assert (["refuted", "proven"], 1) == ([one.state for one in found.tested], found.proven)
    assert [{"f0": "0"}, {"f0": "0"}, {"f1": "0"}] == [settings for settings, *_ in bench.made[:3]]


def test_one_of_nine_is_found_by_halves():
    for guilty in range(9):
        bench, found = searched(cured_by(f"f{guilty}"), 9, seed=guilty)

        assert found.proven == guilty
        assert len(bench.made) <= 24


def test_what_shows_with_everything_on_comes_from_outside():
    """Eight runs tell it."""
    bench, found = searched(lambda _, number: number, 9)

    assert (None, True, ()) == (found.proven, found.outside, found.together)
    assert {"refuted"} == {one.state for one in found.tested}
    assert 6 == len(bench.made)


def test_two_causes_are_told_as_a_group_and_none_is_named():
    _, found = searched(cured_by("f3", "f5"), 9, left=48)

    assert (None, tuple(range(9))) == (found.proven, found.together)


def test_a_factor_under_which_the_program_ends_otherwise_is_no_cure():
    _, found = searched(lambda settings, number: None if settings else number, 1)

    assert (None, "unusable", "it ended with exit code 1") == (
        found.proven,
        found.tested[0].state,
        found.tested[0].note,
    )


def test_factors_that_fail_together_are_looked_at_alone():
    def program(settings, number):
        if len(settings) > 1:
            return None
        return 0 if "f4" in settings else number

    _, found = searched(program, 6, left=40)

    assert 4 == found.proven


def test_a_budget_that_ends_leaves_it_open_with_its_stake():
    bench, found = searched(cured_by("f0"), 1, left=6)

    assert (None, "open", 0) == (found.proven, found.tested[0].state, bench.left)
    assert 1 < found.tested[0].stake < 100


def test_a_switch_is_proven_by_two_results_that_came_before():
    """Half of the values give each result, as a hash seed does."""
    draws = random.Random(5)
    _, found = searched(
        lambda settings, _: int(settings["f0"]) % 2 if settings else draws.randrange(2), 1, values=6, off=(0, 1, 0)
    )

    assert (0, "switch") == (found.proven, found.tested[0].state)


def test_events_from_outside_prove_nothing():
    """Of 400 replays of a program with events in 30 % of its runs, none or few name a factor; 1 % is the level."""
    proven = 0
    for seed in range(400):
        draws = random.Random(seed)
        _, found = searched(
            lambda _, number, draws=draws: number if draws.random() < 0.3 else 0, 4, off=(0, 1000, 0), seed=seed
        )
        proven += found.proven is not None or bool(found.together)

    assert proven <= 12  # more than 12 of 400 at a rate of 1 % have a probability of 1 in 5,000
