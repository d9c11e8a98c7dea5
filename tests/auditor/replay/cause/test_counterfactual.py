"""Hypotheses tested with runs of a made-up experiment: what is told of each, and which runs are made for it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import searched
from made_runs import Experiment, Made, is_on, printing, series

from auditor.replay.cause import counterfactual, interventions
from auditor.replay.cause.baseline_run import BaselineSearch, DivergenceCount
from auditor.replay.cause.hypotheses import of_run
from auditor.replay.cause.run_pair import compare_runs
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.trace.archive import TaskKey
from auditor.replay.trace.format import SourceLine

CLOCK, HASH, FILL, FILES = (
    interventions.clock(),
    interventions.hash_seed(),
    interventions.fill(),
    interventions.files(),
)


def tried(tmp_path, make, factors=(CLOCK,), **more):
    """The tests of these factors, and the experiment."""
    return searched.tried(tmp_path, make, factors, **more)


def cured_by(*hypotheses, **details):
    """It prints the same under these factors, and another number in each run without."""

    def make(settings, number):
        on = all(is_on(one, settings) for one in hypotheses)
        return Made(0 if on else 1 + number + 100 * len(settings), **details)

    return make


def test_a_factor_under_which_it_vanishes_is_proven_by_a_coin(tmp_path):
    """Two runs under it; then the coin draws, and the runs without it are told as such."""
    tests, experiment = tried(tmp_path, cured_by(CLOCK))
    proof = tests.proven.proof

    assert ("clock", CLOCK.settings, True) == (proof.factor, proof.settings, proof.names_cause)
    assert ["with clock=ticking, 1 of 2", "with clock=ticking, 2 of 2"] == experiment.purposes[:2]
    assert {"with clock=ticking", "without clock=ticking"} == {*experiment.purposes[2:]}
    assert (experiment.settings.count(CLOCK.settings), experiment.settings.count({})) == (proof.clean, proof.without)
    assert proof.shown == proof.without >= 2
    assert proof.clean >= 4
    assert 1 - 0.05 ** (1 / proof.clean) == pytest.approx(proof.residual_95)
    assert len(experiment.asked) <= 12
    assert ([], ()) == (tests.rejected, tests.notes)


def test_every_run_has_the_placebo(tmp_path):
    """It is a variable that nothing reads; where it were missing, the environment would have another size."""
    _, experiment = tried(tmp_path, cured_by(CLOCK))

    assert {"1.00"} == {*experiment.placebos}
    assert {True, False} == {bool(settings) for settings in experiment.settings}


@pytest.mark.parametrize(("under", "without", "slowed"), [(6.0, 2.0, "without"), (2.0, 6.0, "under")])
def test_runs_of_the_faster_arm_are_slowed(tmp_path, under, without, slowed):
    """So that what happens outside has the same time for both; only once a coin draws."""

    def make(settings, number):
        return replace(cured_by(CLOCK)(settings, number), seconds=under if settings else without)

    experiment = Experiment(tmp_path / "runs", make)
    runs = series(tmp_path / "before", *(Made(900 + one, seconds=without) for one in range(3)))
    found = BaselineSearch(runs[0], None, DivergenceCount(2, 2), tuple(runs))
    tests = counterfactual.explain(experiment, [CLOCK], found, searched.Counted(24, experiment), coin=random.Random(0))
    drawn = [*zip(experiment.settings, experiment.placebos, strict=True)][2:]

    assert tests.proven is not None
    assert {"3.00"} == {placebo for settings, placebo in drawn if bool(settings) == (slowed == "under")}
    assert {"1.00"} == {placebo for settings, placebo in drawn if bool(settings) != (slowed == "under")}
    assert (under,) * len(tests.proven.seconds) == tests.proven.seconds


def test_two_values_of_a_factor_are_run(tmp_path):
    """One alone might hide it."""
    tests, experiment = tried(tmp_path, cured_by(HASH), [HASH])

    assert 2 == tests.proven.proof.values
    assert {"0", "1"} == {settings["hash-seed"] for settings in experiment.settings if settings}


def test_a_value_that_hides_is_refuted_by_the_other(tmp_path):
    """It does not show under the hash seed 0; under 1 it does."""
    tests, _ = tried(
        tmp_path, lambda settings, number: Made(0 if settings.get("hash-seed") == "0" else 1 + number), [HASH]
    )
    (told,) = tests.rejected

    assert (None, "hash-seed", True) == (tests.proven, told.factor, told.diverged)


def test_a_factor_without_effect_is_given_up_after_two_runs(tmp_path):
    """And no cure is told."""
    tests, experiment = tried(tmp_path, lambda settings, number: Made(1 + number + 50 * len(settings)))
    (told,) = tests.rejected

    assert (2, None) == (len(experiment.asked), tests.proven)
    assert ("clock", 2, True, "") == (told.factor, told.runs, told.diverged, told.note)


def test_a_factor_that_only_makes_it_rarer_is_refuted_when_it_shows(tmp_path):
    """In the fourth run under it."""
    tests, experiment = tried(
        tmp_path, lambda settings, number: Made(int(number == 3) if settings else 10 + number), budget=40
    )
    (told,) = tests.rejected

    assert (None, True, 4) == (tests.proven, told.diverged, told.runs)
    assert told.without == experiment.settings.count({})


@pytest.mark.parametrize("broken", [{"exit_code": 3}, {"timed_out": True}, {"exit_code": -9}, {"problems": ("lost",)}])
def test_a_factor_under_which_the_program_ends_otherwise_proves_nothing(tmp_path, broken):
    """One run is enough to see that."""
    tests, experiment = tried(tmp_path, lambda *_: Made(0, **broken))
    (told,) = tests.rejected
    notes = {"timed_out": "a run did not end in time", "problems": "lost"}
    code = f"it ended with exit code {broken.get('exit_code')}, without the factor with 0"

    assert (1, None, None) == (len(experiment.asked), told.diverged, tests.proven)
    assert told.note == notes.get(next(iter(broken)), code)


def test_a_run_without_the_factor_that_failed_is_left_out(tmp_path):
    """It is no return of the origin, and no agreement; the search goes on."""

    def make(settings, number):
        made = cured_by(CLOCK)(settings, number)
        return replace(made, exit_code=1) if not settings and number == 0 else made

    tests, experiment = tried(tmp_path, make)

    assert tests.proven.proof.without == experiment.settings.count({}) - 1


def test_what_does_not_return_without_the_factor_proves_nothing(tmp_path):
    """Only the first runs differed: a cache that was empty."""
    tests, experiment = tried(tmp_path, lambda *_: Made(0), before=(1, 0, 0))
    (told,) = tests.rejected

    assert (None, False, 24) == (tests.proven, told.diverged, len(experiment.asked))
    assert "the budget ended before it was decided: 0 of " in told.note
    assert told.shown == 0 < told.without


def test_a_budget_that_ends_near_a_proof_says_what_the_runs_are_consistent_with(tmp_path):
    """And names no cause."""
    tests, _ = tried(tmp_path, cured_by(CLOCK), budget=8)
    (told,) = tests.rejected

    assert tests.proven is None
    assert told.note.startswith(f"consistent with it, not proven: 0 of {told.runs} runs with it differ")
    assert told.note.endswith("--budget would probably decide")


def test_factors_that_no_run_was_left_for_are_told(tmp_path):
    """The first two took the budget."""
    tests, _ = tried(
        tmp_path, lambda settings, number: Made(1 + number + 50 * len(settings)), [CLOCK, HASH, FILL], budget=4
    )

    assert ["clock", "hash-seed"] == [one.factor for one in tests.rejected]
    assert ("the budget of runs or time ended before these were tried: memory-fill",) == tests.notes


def test_without_a_budget_nothing_is_run(tmp_path):
    """The time has passed."""
    tests, experiment = tried(tmp_path, cured_by(CLOCK), budget=0)

    assert ([], None) == (experiment.asked, tests.proven)


def test_the_factors_are_tried_in_order_up_to_the_proven_one(tmp_path):
    """The first and the second have no effect; the fourth is not tried."""
    tests, experiment = tried(tmp_path, cured_by(CLOCK), [HASH, FILL, CLOCK, FILES])

    assert [("hash-seed", False), ("memory-fill", False), ("clock", True)] == [
        (one.tried.factor, one.proven) for one in tests.each
    ]
    assert [*[HASH.settings] * 2, *[FILL.settings] * 2] == experiment.settings[:4]
    assert FILES.settings not in experiment.settings


def test_what_shows_with_everything_fixed_comes_from_outside(tmp_path):
    """Told in six runs, of each factor and as a note."""
    factors = [HASH, FILL, CLOCK, FILES, interventions.task_order(), interventions.entropy("python")]
    tests, experiment = tried(tmp_path, lambda _, number: Made(1 + number + 1000 * (number % 7)), factors)

    assert (True, None, 6) == (tests.outside, tests.proven, len(experiment.asked))
    assert [True] * 6 == [one.diverged for one in tests.rejected]
    assert tests.notes[0].endswith(
        "so that none of them removes it: hash-seed, memory-fill, clock, file-order, task-order, entropy"
    )


def test_what_vanishes_only_with_several_factors_names_none(tmp_path):
    """Two causes at one origin."""
    factors = [HASH, FILL, CLOCK, FILES, interventions.task_order(), interventions.entropy("python")]
    tests, _ = tried(tmp_path, cured_by(CLOCK, FILES), factors, budget=60)

    assert (None, False) == (tests.proven, tests.outside)
    assert "with none of those tried alone" in tests.notes[0]


def test_a_factor_that_nothing_points_to_names_no_cause(tmp_path):
    """One value of it removes the origin; it may hide it."""
    tests, _ = tried(tmp_path, cured_by(CLOCK), [replace(CLOCK, pointed=False)])
    several, _ = tried(tmp_path / "b", cured_by(HASH), [replace(HASH, pointed=False)])

    assert (False, True) == (tests.proven.proof.names_cause, several.proven.proof.names_cause)


def test_several_settings_are_named_together(tmp_path):
    """As they were set."""
    address = interventions.address()
    _, experiment = tried(tmp_path, cured_by(address), [address])

    assert "with address-layout=fixed, hash-seed=0, 1 of 2" == experiment.purposes[0]


# -------------------------------------------------------------------------------------------------- which origin counts


def two_values(first, second):
    """Two values that are printed, of the lines 3 and 5."""
    return (
        ("aten::first", 7 + first, 3),
        printing(7 + first, 4),
        ("aten::second", 7 + second, 5),
        printing(7 + second, 6),
    )


def tried_by_origin(tmp_path, make, *, detail, budget=24):
    """The trial where the baseline's difference began at line 3."""
    runs = series(tmp_path / "pair", *(Made(900 + one, two_values(one, one), detail=detail) for one in range(3)))
    origin = compare_runs(*runs[:2], search=True).origin
    assert "aten::first" == origin.name
    experiment = Experiment(tmp_path, lambda *made: replace(make(*made), detail=detail))
    found = BaselineSearch(runs[0], origin, DivergenceCount(2, 2), tuple(runs))
    tests = counterfactual.explain(
        experiment, [CLOCK], found, searched.Counted(budget, experiment), coin=random.Random(1)
    )
    return tests, experiment


def second_remains(settings, number):
    """The first value is cured, the second one differs in every run."""
    own = number + 50 * bool(settings)
    return Made(10 + own, two_values(77 if settings else 10 + own, 10 + own))


def test_another_difference_under_the_factor_is_left_where_inputs_are_recorded(tmp_path):
    """The origin itself is gone: it is proven, and what is left is told."""
    tests, _ = tried_by_origin(tmp_path, second_remains, detail=True)

    assert "aten::second" == tests.proven.left.origin.name


def test_without_inputs_any_difference_under_the_factor_counts(tmp_path):
    """An earlier one would hide the origin."""
    tests, experiment = tried_by_origin(tmp_path, second_remains, detail=False)

    assert (None, True) == (tests.proven, tests.rejected[0].diverged)
    assert [CLOCK.settings] * 2 == experiment.settings


def test_a_difference_elsewhere_without_the_factor_is_no_return(tmp_path):
    """The origin never comes back: only the second value differs."""
    tests, _ = tried_by_origin(tmp_path, lambda _, number: Made(number, two_values(0, number)), detail=True)

    assert (None, 0) == (tests.proven, tests.rejected[0].shown)


def test_runs_under_a_factor_that_changes_what_comes_before_are_compared_with_each_other(tmp_path):
    """Its inputs are others under the factor, so that against a run without it nothing begins there; it still moves."""

    def make(settings, number):
        steps = (("aten::other", 5, 2), *two_values(number, 0)) if settings else two_values(number, 0)
        return Made(number, steps)

    tests, experiment = tried_by_origin(tmp_path, make, detail=True)

    assert (None, True, 2) == (tests.proven, tests.rejected[0].diverged, len(experiment.asked))


def test_a_switch_is_told_by_its_two_values(tmp_path):
    """Half of the hash seeds give each of the two results that came before."""

    def make(settings, number):
        seed = settings.get("hash-seed")
        return Made(900 + (int(seed) % 2 if seed else (number * 7 // 3) % 2))

    tests, _ = tried(tmp_path, make, [HASH], before=(900, 901, 900), budget=40)
    proof = tests.proven.proof

    assert [{"hash-seed": "0"}, {"hash-seed": "1"}] == [one.settings for one in proof.switch]
    assert all(one.runs >= 2 for one in proof.switch)


def test_a_process_with_tasks_points_to_their_order_and_one_with_children_alone_does_not(tmp_path):
    """A child is another process."""
    other = (("aten::add", 1, 3),)
    runs = series(
        tmp_path,
        Made(0, streams=(("main.1", other, True),)),
        Made(0, streams=(("main.0.0", other, True),)),
        Made(0),
    )
    origin = Origin(TaskKey("main", 0), 1, "outside", "line", SourceLine("train.py", 3))
    pointed = [next(one.pointed for one in of_run(origin, run) if one.factor == "task-order") for run in runs]

    assert [True, False, False] == pointed
