"""Hypotheses tested with prepared runs (`made_runs`), within a budget that counts these runs."""

from __future__ import annotations

import random

from made_runs import Experiment, Made, series

from auditor.replay.cause import counterfactual
from auditor.replay.cause.baseline_run import BaselineSearch, DivergenceCount
from auditor.replay.runs.budget import Budget


class Counted(Budget):
    """A budget that counts the runs of an experiment."""

    def __init__(self, runs, experiment):
        super().__init__(runs)
        self.experiment = experiment

    @property
    def left(self):
        """Runs that may still be made."""
        return max(0, self.runs - len(self.experiment.asked))


def tried(tmp_path, make, factors, *, budget=24, seed=0, before=(901, 902, 903), origin=None, detail=False):
    """The tests of these factors, and the experiment; `before` is what the runs of the baseline search printed."""
    experiment = Experiment(tmp_path / "runs", make)
    runs = series(tmp_path / "before", *(Made(value, detail=detail) for value in before))
    found = BaselineSearch(runs[0], origin, DivergenceCount(len(runs) - 1, len(runs) - 1), tuple(runs))
    tests = counterfactual.explain(experiment, factors, found, Counted(budget, experiment), coin=random.Random(seed))
    return tests, experiment


def searched(tmp_path, make, factors, **more):
    """The tests alone."""
    return tried(tmp_path, make, factors, **more)[0]
