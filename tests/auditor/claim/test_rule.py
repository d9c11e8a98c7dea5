"""The rule, on numbers whose verdict can be computed by hand."""

import math
import statistics

import pytest

from auditor.claim.reported import stated
from auditor.claim.rule import expected_interval, other_seeds, same_seeds
from auditor.errors import UsageError

FIVE = [0.911, 0.915, 0.909, 0.917, 0.913]  # mean 0.913, sd 0.00316, with divisor n 0.00283, range 0.008


def test_runs_of_the_same_seeds_confirm_the_reported_digits():
    """All that are reported: the mean, and the spread in its definition."""
    assert "confirmed" == same_seeds(stated("0.913", None, 5), FIVE).verdict
    assert "confirmed" == same_seeds(stated("0.9130 ± 0.0032", "sd", 5), FIVE).verdict
    assert "confirmed" == same_seeds(stated("0.913 ± 0.0014", "sem", 5), FIVE).verdict
    assert "confirmed" == same_seeds(stated("0.913 ± 0.008", "range", 5), FIVE).verdict


@pytest.mark.parametrize(
    ("text", "kind", "differs"),
    [
        ("0.914", None, ("mean",)),
        ("0.9131", None, ("mean",)),
        ("0.913 ± 0.0033", "sd", ("spread",)),
        ("0.913 ± 0.0032", "sem", ("spread",)),
        ("0.913 ± 0.007", "range", ("spread",)),
        ("0.915 ± 0.0033", "sd", ("mean", "spread")),
    ],
)
def test_other_digits_are_not_confirmed_and_named(text, kind, differs):
    """One unit of the last digit is enough, and so is another definition of the spread."""
    found = same_seeds(stated(text, kind, 5), FIVE)

    assert ("not-confirmed", differs) == (found.verdict, found.differs)


def test_the_divisor_of_a_deviation_is_told():
    """NumPy divides by n, most other programs by n - 1; papers do not say which, so both confirm."""
    assert "n-1" == same_seeds(stated("0.913 ± 0.0032", "sd", 5), FIVE).divisor
    assert "n" == same_seeds(stated("0.913 ± 0.0028", "sd", 5), FIVE).divisor


def test_decimals_are_exact():
    """The mean of these is 0.15 exactly; in binary it is less, and 0.1499... would not round to 0.2."""
    assert "confirmed" == same_seeds(stated("0.2", None, 2), [0.1, 0.2]).verdict
    assert "confirmed" == same_seeds(stated("0.1", None, 2), [0.1, 0.2]).verdict


def test_the_interval_is_that_of_the_formula():
    """Student's t for 8 degrees of freedom is 2.306; half a unit of the last digit is added."""
    claim = stated("0.9130 ± 0.0040", "sd", 5)
    found = other_seeds(claim, FIVE)
    pooled = math.sqrt((0.00405**2 + statistics.variance(FIVE)) / 2)
    half = 2.306004 * pooled * math.sqrt(1 / 5 + 1 / 5) + 0.00005

    assert pytest.approx((0.913 - half, 0.913 + half), rel=1e-5) == (found.low, found.high)


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_the_edge_of_the_interval_decides(factor):
    """Just inside of it nothing speaks against the number, just outside it is not confirmed."""
    claim = stated("0.913000000 ± 0.004000000", "sd", 20)
    low = other_seeds(claim, FIVE).low
    moved = [value + factor * (0.913 - low) for value in FIVE]

    assert ("not-confirmed" if factor > 1 else "too-few-runs") == other_seeds(claim, moved).verdict


def test_many_runs_confirm_and_few_do_not():
    """Twenty of each show a shift of one standard deviation with a power of 87 %, five of each with 29 %."""
    many, few = FIVE * 4, FIVE
    enough = other_seeds(stated("0.91300 ± 0.00316", "sd", 20), many)
    found = other_seeds(stated("0.91300 ± 0.00316", "sd", 5), few)

    assert ("confirmed", "too-few-runs") == (enough.verdict, found.verdict)
    assert enough.power is not None
    assert found.power is not None
    assert pytest.approx(0.868, abs=0.02) == enough.power
    assert pytest.approx(0.29, abs=0.02) == found.power


def test_the_runs_that_would_suffice_are_computed():
    """With as many runs as needed the power is 80 %, with one less it is not; too few reported ones never suffice."""
    claim = stated("0.91300 ± 0.00316", "sd", 20)
    expected = expected_interval(claim, FIVE)
    assert expected is not None
    assert expected.needed is not None

    assert expected.power(expected.visible) >= 0.8 > expected.power(0.98 * expected.visible)
    assert 10 <= expected.needed <= 20
    never = expected_interval(stated("0.91300 ± 0.00316", "sd", 5), FIVE)
    assert never is not None
    assert never.needed is None


def test_runs_that_vary_more_than_reported_confirm_nothing_by_their_wide_interval():
    """The same numbers with five times the reported spread: a shift of one reported spread drowns."""
    wide = [0.913 + 5 * (value - 0.913) for value in FIVE * 4]

    assert "too-few-runs" == other_seeds(stated("0.9130 ± 0.0032", "sd", 20), wide).verdict


def test_a_far_number_is_not_confirmed_however_few_runs_there_are():
    """Even by a single run, where the paper tells the spread."""
    assert "not-confirmed" == other_seeds(stated("0.913 ± 0.004", "sd", 5), [0.5]).verdict
    assert "too-few-runs" == other_seeds(stated("0.913 ± 0.004", "sd", 5), [0.914]).verdict


def test_values_that_are_all_alike_count_as_one():
    """A program that ignores its seed gives no sample: no number of such runs confirms anything."""
    found = other_seeds(stated("0.913 ± 0.004", "sd", 30), [0.913] * 30)

    assert ("too-few-runs", True) == (found.verdict, found.alike)
    assert not other_seeds(stated("0.913 ± 0.004", "sd", 30), FIVE).alike


def test_a_number_that_never_varies_is_confirmed_by_runs_that_all_give_its_digits():
    """
    That is what a spread of zero says.

    Runs whose own spread does not round to it do not confirm it, nor does a single one; equal bits may be one run that
    was made again.
    """
    claim = stated("0.913 ± 0.000", "sd", 5)

    assert "confirmed" == other_seeds(claim, [0.9130, 0.9131, 0.9132]).verdict
    assert "too-few-runs" == other_seeds(claim, [0.913] * 3).verdict
    assert "too-few-runs" == other_seeds(claim, [0.913]).verdict
    assert "not-confirmed" == other_seeds(claim, [0.920] * 3).verdict
    assert "confirmed" != other_seeds(stated("0.9 ± 0.0", "sd", 5), [0.86, 0.94]).verdict


def test_without_any_spread_nothing_can_be_told():
    """One run each."""
    assert "too-few-runs" == other_seeds(stated("0.913", None, 1), [0.5]).verdict
    assert "not-confirmed" == other_seeds(stated("0.813", None, 1), FIVE).verdict


@pytest.mark.parametrize("value", [math.inf, math.nan, 1e101])
def test_what_is_no_metric_is_refused(value):
    """No verdict rests on it."""
    with pytest.raises(UsageError):
        same_seeds(stated("0.913", None, 1), [value])
