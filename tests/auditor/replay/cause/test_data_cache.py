"""The first run alone differs: did it find the data caches of its libraries empty?"""

from __future__ import annotations

import random

import pytest
from made_runs import Experiment, Made, series
from searched import Counted

from auditor.replay.cause import data_cache
from auditor.replay.cause.baseline_run import first_seen

COLD, WARM = {"data-cache": "cold"}, {"data-cache": "warm"}


def decided(tmp_path, make, before=(1, 0, 0), budget=24):
    """The explanation, and the settings of the runs that were made for it."""
    experiment = Experiment(tmp_path / "runs", make)
    baseline = series(tmp_path / "before", *map(Made, before))
    found = data_cache.decided(experiment, first_seen(baseline), Counted(budget, experiment), coin=random.Random(3))
    return found, experiment.settings


def of_cache(settings, _number):
    """What depends on the cache alone, which is full by now."""
    return Made(int(settings == COLD))


def test_a_cache_that_decides_is_proven_by_both_of_its_states(tmp_path):
    """A coin draws whether it is empty; each gives its own result each time."""
    found, settings = decided(tmp_path, of_cache)
    proof = found.tests.proven.proof

    assert ("data-cache", True) == (proof.factor, proof.names_cause)
    assert [COLD, WARM] == [one.settings for one in proof.switch]
    assert all(one.runs >= 2 for one in proof.switch)
    assert "data-cache" == found.tests.proven.hypothesis.cause
    assert len(settings) <= 16


def test_an_empty_cache_that_changes_nothing_ends_it_after_one_run(tmp_path):
    """Something else made the first run differ."""
    assert (None, [COLD]) == decided(tmp_path, lambda *_: Made(0))


def test_a_run_that_fails_without_its_cache_shows_nothing(tmp_path):
    """It would download."""
    assert (None, [COLD]) == decided(tmp_path, lambda *_: Made(1, exit_code=1))


def test_a_result_that_comes_by_chance_under_the_empty_cache_is_not_proven(tmp_path):
    """The first looks like it; the coin tells."""
    found, settings = decided(tmp_path, lambda _settings, number: Made(int(number == 0)))

    assert found is None
    assert len(settings) > 1


@pytest.mark.parametrize("before", [(1, 0), (0, 0, 1), (0, 1, 0), (0, 1, 2), (0, 0, 0)])
def test_other_patterns_are_not_asked_about(tmp_path, before):
    """Only the first run alone may have filled the caches."""
    assert (None, []) == decided(tmp_path, of_cache, before)


def test_no_run_is_made_beyond_the_budget(tmp_path):
    """Nor is anything proven."""
    found, settings = decided(tmp_path, of_cache, budget=1)

    assert (None, []) == (found, settings)
