"""How often the rule errs, by simulation with its own code and fixed seeds (`benchmarks/claims.py`)."""

import importlib.util
import sys
from pathlib import Path

import pytest

from auditor.claim.interval import Interval

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "claims.py"
SPECIFICATION = importlib.util.spec_from_file_location("claims_benchmark", BENCHMARK)
claims = importlib.util.module_from_spec(SPECIFICATION)
sys.modules[claims.__name__] = claims  # dataclasses look their module up
SPECIFICATION.loader.exec_module(claims)
TELLING = [world for world in claims.WORLDS if min(world.reported, world.runs) >= 12 and world.digits > 2]
"""Worlds whose rule confirms: the power of the others is below 80 %."""
CLAIMS = 400


@pytest.mark.slow
@pytest.mark.parametrize("world", claims.WORLDS, ids=lambda world: world.name)
def test_a_true_claim_is_refused_in_at_most_one_case_of_twenty(world):
    """The lower bound of the rate would be above 5 % for a rule that errs more often: 7 % gives 28 of 400."""
    _, least = claims.refused(world, CLAIMS)

    assert least <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("world", TELLING, ids=lambda world: world.name)
def test_a_shift_of_one_reported_spread_is_seen_where_the_rule_tells(world):
    """Of the claims that are not called too few, and they are most here."""
    rate, _, told = claims.seen(world, CLAIMS)

    assert rate >= 0.8
    assert told > CLAIMS / 2


@pytest.mark.slow
def test_the_simulation_finds_a_rule_that_refuses_too_often(monkeypatch):
    """An interval without the scatter of the reported mean would refuse true claims far more often."""
    monkeypatch.setattr(Interval, "half_width", property(lambda one: one.pooled / one.runs**0.5))
    _, least = claims.refused(claims.WORLDS[9], CLAIMS)

    assert least > 0.2
