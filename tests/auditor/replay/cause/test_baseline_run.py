"""How often a divergence shows, and when luck explains clean runs."""

import pytest

from auditor.replay.cause.baseline_run import DivergenceCount


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
