"""When a counterfactual counts: what happens after it has, with runs of a made-up experiment."""

from __future__ import annotations

from itertools import count

from streams import folder_of, writer

from auditor.replay.cause import counterfactual, interventions
from auditor.replay.cause.baseline_run import BaselineSearch, DivergenceCount
from auditor.replay.cause.run_pair import compare_runs
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
