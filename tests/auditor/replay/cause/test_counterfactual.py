"""When a counterfactual counts: what happens after it has, with runs of a made-up experiment."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from made_runs import Experiment as Prepared
from made_runs import Made, printing, series
from streams import folder_of, writer

from auditor.replay.cause import counterfactual, interventions
from auditor.replay.cause.baseline_run import BaselineSearch, DivergenceCount
from auditor.replay.cause.run_pair import compare_runs
from auditor.replay.model import TriedFactor
from auditor.replay.runs.output import Printed
from auditor.replay.runs.run import Run
from auditor.replay.trace.format import DRAWS


class Experiment:
    """A program that prints another number in each run; under a factor, what `under` says of its n-th run."""

    def __init__(self, scratch, under):
        self._scratch, self._under, self._numbers, self.under_factor = scratch, under, count(), 0

    def __call__(self, settings, _purpose):
        """One run."""
        number = next(self._numbers)
        value = number + 1
        if settings:
            self.under_factor += 1
            value = 1000 + self._under(self.under_factor)
        folder = self._scratch / str(number)
        folder_of(folder, ("aten::add", value, 3)).close()
        printed = Printed(folder / "stdout", f"{value:064d}", 4)
        printed.path.write_text(str(value))
        return Run(folder, 0, 0.1, printed, printed)


def proven(tmp_path, under):
    """What comes of one factor in such an experiment."""
    experiment = Experiment(tmp_path, under)
    runs = [experiment({}, "") for _ in range(4)]
    found = BaselineSearch(runs[0], None, DivergenceCount(3, 3))
    assert compare_runs(runs[0], runs[1], search=True).differs
    (proof,) = counterfactual.explain(experiment, [interventions.clock()], found, DivergenceCount(2, 2))
    return proof, experiment


def test_a_factor_that_takes_it_away_is_asked_on_and_proven(tmp_path):
    """Short runs cost nothing: as many as there may be."""
    proof, experiment = proven(tmp_path, lambda _number: 0)

    assert (True, False) == (proof.proven, proof.tried.diverged)
    assert counterfactual.MOST_RUNS + 1 == experiment.under_factor


def test_a_factor_that_only_makes_it_rarer_is_not_proven(tmp_path):
    """It showed in the tenth run, after enough clean ones to count."""
    proof, _ = proven(tmp_path, lambda number: number == 10)

    assert (False, True) == (proof.proven, proof.tried.diverged)
    assert "rarer" in proof.tried.note


def test_a_factor_without_effect_is_given_up_at_once(tmp_path):
    """Two runs."""
    proof, experiment = proven(tmp_path, lambda number: number)

    assert (False, True, 2) == (proof.proven, proof.tried.diverged, experiment.under_factor)


def draws(first, second):
    """Two draws whose generator's state is that, each read afterwards."""

    def steps(written):
        for name, state, line in (("aten::randn", first, 3), ("aten::rand", second, 5)):
            written.op(name, state * 7, line, flags=DRAWS, state=state)
            written.other(writer.READ, "item", state * 7, line + 1)

    return steps


def test_what_still_differs_under_a_proven_cure_is_told(tmp_path):
    """The origin is gone, and another draw goes on as before."""
    numbers = count(1)

    def run(settings, _purpose):
        number = next(numbers)
        folder = tmp_path / str(number)
        folder_of(folder, draws(1000 if settings else number, number), detail=True).close()
        printed = Printed(folder / "stdout", f"{number:064d}", 4)
        printed.path.write_text(str(number))
        return Run(folder, 0, 60.0, printed, printed)

    runs = [run({}, "") for _ in range(4)]
    origin = compare_runs(runs[0], runs[1], search=True).origin
    (proof,) = counterfactual.explain(
        run, [interventions.clock()], BaselineSearch(runs[0], origin, DivergenceCount(3, 3)), DivergenceCount(2, 2)
    )

    assert "aten::randn" == origin.name
    assert (True, "aten::rand") == (proof.proven, proof.left.origin.name)


# ------------------------------------------------------------------------------------------- one trial, step by step

NOTHING, ALWAYS = DivergenceCount(), DivergenceCount(5, 5)
"""No run; five runs that all differ from the baseline."""
CLOCK = interventions.clock()
UNDER = {"clock": "ticking"}


def tried(tmp_path, make, *, before=NOTHING, seen=ALWAYS, origin=None, factors=(CLOCK,)):
    """The tests of these factors, whose baseline run printed 0; and the experiment."""
    experiment = Prepared(tmp_path, make)
    (base,) = series(tmp_path, Made(0))
    return counterfactual.explain(experiment, factors, BaselineSearch(base, origin, seen), before), experiment


def cured(settings, number):
    """Runs agree under the factor, and differ in each run without it."""
    return Made(0 if settings else 1 + number)


def test_a_proven_factor_is_asked_for_in_this_order(tmp_path):
    """Three runs under it, then one without; and it tells how long the three took."""
    (proof,), experiment = tried(
        tmp_path, lambda settings, number: replace(cured(settings, number), seconds=60 + number)
    )

    assert [UNDER, UNDER, UNDER, {}] == experiment.settings
    assert [
        "with clock=ticking",
        "with clock=ticking, 2 of 3",
        "with clock=ticking, 3 of 3",
        f"released, 1 of at most {counterfactual.MOST_RELEASES}",
    ] == experiment.purposes
    assert (True, (60, 61, 62), None) == (proof.proven, proof.seconds, proof.left)
    assert TriedFactor(factor="clock", settings=UNDER, runs=3, diverged=False) == proof.tried


@pytest.mark.parametrize(
    ("seen", "runs"), [(DivergenceCount(8, 4), 7), (DivergenceCount(3, 3), 4), (DivergenceCount(11, 11), 3)]
)
def test_the_rarer_the_divergence_the_more_clean_runs_are_made(tmp_path, seen, runs):
    """So many that both tests are significant, and one run that the others are compared with."""
    (proof,), experiment = tried(tmp_path, cured, seen=seen)

    assert (True, runs) == (proof.proven, proof.tried.runs)
    assert runs + 1 == len(experiment.asked)
    assert f"with clock=ticking, {runs} of {runs}" == experiment.purposes[runs - 1]


def test_a_divergence_that_is_too_rare_is_not_tried(tmp_path):
    """One run in 21: `0.95 ** 62` is the first power of it below one in twenty."""
    (proof,), experiment = tried(tmp_path, cured, before=DivergenceCount(20, 1), seen=DivergenceCount(4, 4))

    assert ([], "would need 62 clean runs") == (experiment.asked, proof.tried.note)
    assert (0, None, False) == (proof.tried.runs, proof.tried.diverged, proof.proven)


def test_a_count_in_which_nothing_was_shown_is_no_rate(tmp_path):
    """The details hid it: only the runs before give the rate."""
    (proof,), _ = tried(tmp_path, cured, before=ALWAYS, seen=DivergenceCount())

    assert (True, 3) == (proof.proven, proof.tried.runs)


@pytest.mark.parametrize("broken", [{"exit_code": 3}, {"timed_out": True}, {"exit_code": -9}])
def test_a_factor_under_which_the_program_ends_otherwise_proves_nothing(tmp_path, broken):
    """One run is enough to see that."""
    (proof,), experiment = tried(tmp_path, lambda *_: Made(0, **broken))
    note = f"it ended with exit code {broken.get('exit_code', 0)}, without the factor with 0"

    assert ([UNDER], note) == (experiment.settings, proof.tried.note)
    assert (1, None, False) == (proof.tried.runs, proof.tried.diverged, proof.proven)


def test_a_later_run_that_failed_proves_nothing(tmp_path):
    """Its reason is told."""
    (proof,), experiment = tried(tmp_path, lambda _, number: Made(0, problems=("lost",) if number == 1 else ()))

    assert (2, "lost", None, False) == (len(experiment.asked), proof.tried.note, proof.tried.diverged, proof.proven)


def test_what_does_not_return_proves_nothing(tmp_path):
    """The factor was released, and all runs agree with the baseline."""
    (proof,), experiment = tried(tmp_path, lambda *_: Made(0))
    releases = [purpose for purpose in experiment.purposes if purpose.startswith("released")]
    most = counterfactual.MOST_RELEASES

    assert [f"released, {number} of at most {most}" for number in range(1, most + 1)] == releases
    assert f"after its release the origin did not return in {most} runs" == proof.tried.note
    assert (False, False) == (proof.tried.diverged, proof.proven)


@pytest.mark.parametrize(("returns", "note"), [(1, ""), (2, "0.08"), (4, "0.18")])
def test_clean_runs_that_may_be_chance_prove_nothing(tmp_path, returns, note):
    """Six of `5 + returns` runs without it differed, and both under it agreed: Fisher's exact test."""
    (proof,), experiment = tried(tmp_path, lambda settings, number: Made(int(not settings and number + 1 == returns)))
    told = f"so many clean runs by chance have a probability of {note}" if note else ""

    assert (told, not note, False) == (proof.tried.note, proof.proven, proof.tried.diverged)
    assert 3 + returns == len(experiment.asked)


def test_a_released_run_that_failed_is_no_return(tmp_path):
    """The next one is."""
    (proof,), experiment = tried(
        tmp_path,
        lambda settings, number: Made(0 if settings else 1, exit_code=int(not settings and not number)),
        seen=DivergenceCount(11, 11),
    )

    assert (True, 2) == (proof.proven, experiment.settings.count({}))


def test_the_factors_are_tried_in_order_up_to_the_proven_one(tmp_path):
    """The first and the second have no effect; the fourth is not tried."""
    factors = [interventions.hash_seed(), interventions.fill(), interventions.clock(), interventions.files()]
    proofs, experiment = tried(
        tmp_path, lambda settings, number: Made(0 if settings == UNDER else 1 + number), factors=factors
    )

    assert [("hash-seed", False), ("memory-fill", False), ("clock", True)] == [
        (proof.tried.factor, proof.proven) for proof in proofs
    ]
    assert [*[factors[0].settings] * 2, *[factors[1].settings] * 2] == experiment.settings[:4]
    assert {"file-order": "reversed"} not in experiment.settings
    assert [(), ()] == [proof.seconds for proof in proofs[:2]]


def test_the_more_factors_are_tried_the_more_clean_runs_each_needs(tmp_path):
    """The third of them needs three clean runs where the first needs two."""
    factors = [interventions.hash_seed(), interventions.fill(), interventions.clock()]
    proofs, _ = tried(tmp_path, lambda settings, number: Made(0 if settings == UNDER else 1 + number), factors=factors)

    assert [2, 2, 4] == [proof.tried.runs for proof in proofs]


def test_several_settings_are_named_together(tmp_path):
    """As they were set."""
    _, experiment = tried(tmp_path, cured, factors=[interventions.address()])

    assert "with address-layout=fixed, hash-seed=0" == experiment.purposes[0]


# ------------------------------------------------------------------------------------------------ confirmation runs


@pytest.mark.parametrize(("share", "confirmations"), [(0.6, 1), (0.5, 2), (0.4, 2), (1.1, 0)])
def test_confirmation_runs_fit_into_their_time(tmp_path, share, confirmations):
    """Each run takes that share of it."""
    took = share * counterfactual.CONFIRMING_SECONDS
    (proof,), experiment = tried(tmp_path, lambda *made: replace(cured(*made), seconds=took))

    assert (True, 3 + confirmations) == (proof.proven, proof.tried.runs)
    assert [f"with clock=ticking, {4 + number}, confirmation" for number in range(confirmations)] == (
        experiment.purposes[4:]
    )


def test_a_confirmation_run_that_failed_proves_nothing(tmp_path):
    """Though enough runs had agreed."""
    (proof,), _ = tried(
        tmp_path, lambda settings, number: replace(cured(settings, number), seconds=0.1, timed_out=number == 4)
    )

    assert ("a run did not end in time", None, False) == (proof.tried.note, proof.tried.diverged, proof.proven)


def test_the_run_in_which_a_partial_cure_failed_is_told(tmp_path):
    """The seventh under the factor."""
    (proof,), _ = tried(
        tmp_path,
        lambda settings, number: Made(int(number == 6) if settings else 1 + number, seconds=0.1),
    )

    assert (7, "only rarer under it: it occurred in run 7") == (proof.tried.runs, proof.tried.note)
    assert (True, False) == (proof.tried.diverged, proof.proven)


# -------------------------------------------------------------------------------------------------- which origin counts


def two_values(first, second):
    """Two values that are printed, of the lines 3 and 5."""
    return (
        ("aten::first", 7 + first, 3),
        printing(7 + first, 4),
        ("aten::second", 7 + second, 5),
        printing(7 + second, 6),
    )


def tried_by_origin(tmp_path, make, *, detail):
    """The trial where the baseline's difference began at line 3."""
    runs = series(tmp_path / "pair", *(Made(value, two_values(value, value), detail=detail) for value in (0, 1)))
    origin = compare_runs(*runs, search=True).origin
    assert "aten::first" == origin.name
    experiment = Prepared(tmp_path, lambda *made: replace(make(*made), detail=detail))
    found = BaselineSearch(runs[0], origin, ALWAYS)
    (proof,) = counterfactual.explain(experiment, [interventions.clock()], found, DivergenceCount())
    return proof, experiment


def second_remains(settings, number):
    """The first value is cured, the second one differs in every run."""
    value = 0 if settings else 1 + number
    return Made(number, two_values(value, 10 + number))


def test_another_difference_under_the_factor_is_left_where_inputs_are_recorded(tmp_path):
    """The origin itself is gone: it is proven, and what is left is told."""
    proof, _ = tried_by_origin(tmp_path, second_remains, detail=True)

    assert (True, False, "aten::second") == (proof.proven, proof.tried.diverged, proof.left.origin.name)


def test_without_inputs_any_difference_under_the_factor_counts(tmp_path):
    """An earlier one would hide the origin."""
    proof, experiment = tried_by_origin(tmp_path, second_remains, detail=False)

    assert (False, True, None) == (proof.proven, proof.tried.diverged, proof.left)
    assert [UNDER, UNDER] == experiment.settings


def test_what_is_left_is_not_told_of_a_factor_that_is_not_proven(tmp_path):
    """The origin did not return."""
    proof, _ = tried_by_origin(
        tmp_path, lambda settings, number: Made(0, two_values(0, number if settings else 0)), detail=True
    )

    assert (False, None, 3) == (proof.proven, proof.left, proof.tried.runs)


def test_another_difference_after_the_release_is_no_return(tmp_path):
    """Only the origin is."""
    proof, experiment = tried_by_origin(
        tmp_path, lambda settings, number: Made(0, two_values(int(not settings and number == 1), number)), detail=True
    )

    assert 2 == experiment.settings.count({})
    assert "by chance" in proof.tried.note
