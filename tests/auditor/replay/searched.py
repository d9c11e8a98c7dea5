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


def searched(tmp_path, make, factors, *, budget=24):
    """The tests of these factors by runs of `make`, where three baseline runs printed three numbers."""
    experiment = Experiment(tmp_path / "runs", make)
    runs = series(tmp_path / "before", *map(Made, (901, 902, 903)))
    found = BaselineSearch(runs[0], None, DivergenceCount(2, 2), tuple(runs))
    return counterfactual.explain(experiment, factors, found, Counted(budget, experiment), coin=random.Random(0))
