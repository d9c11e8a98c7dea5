"""Spreads in each definition, and the standard deviation of a run that a reported one amounts to."""

import statistics

import pytest

from auditor.claim import spread
from auditor.claim.reported import stated

VALUES = [0.911, 0.915, 0.909, 0.917, 0.913]


@pytest.mark.parametrize(
    ("kind", "runs", "value", "freedom"),
    [
        ("sd", 25, 0.01, 24.0),
        ("sem", 25, 0.05, 24.0),  # times the root of 25
        ("range", 2, 0.01 / 2**0.5, 1.0),  # the sample standard deviation of two values
        ("range", 5, 0.01 / (2.325929**2 + 0.864082**2) ** 0.5, 3.83),  # d2 and d3; Patnaik's degrees of freedom
    ],
)
def test_a_reported_spread_is_converted_by_its_definition(kind, runs, value, freedom):
    """And its largest value is half a unit of the last digit more, converted alike."""
    found = spread.reported(stated("0.9 ± 0.010", kind, runs))

    assert found is not None
    assert pytest.approx((value, 1.05 * value), rel=1e-5) == (found.value, found.most)
    assert pytest.approx(freedom, abs=0.01) == found.freedom


def test_no_spread_is_no_deviation():
    """Nor is that of a single run."""
    assert spread.reported(stated("0.9", None, 5)) is None
    assert spread.own([0.9]) is None
    assert spread.of_values([0.9], "range") is None


def test_our_spread_is_computed_in_each_definition():
    """As the standard library does."""
    deviation = statistics.stdev(VALUES)

    assert pytest.approx(deviation) == spread.of_values(VALUES, "sd")
    assert pytest.approx(deviation / 5**0.5) == spread.of_values(VALUES, "sem")
    assert pytest.approx(0.008) == spread.of_values(VALUES, "range")
    assert pytest.approx(statistics.pstdev(VALUES)) == spread.of_values(VALUES, "sd", divisor=5)
