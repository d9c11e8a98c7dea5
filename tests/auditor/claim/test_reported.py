"""What stands in `--reported`."""

from fractions import Fraction

import pytest

from auditor.claim.reported import parsed, stated
from auditor.errors import UsageError


@pytest.mark.parametrize("text", ["0.913 ± 0.004", "0.913+/-0.004", "0.913 +- 0.004", r" 0.913 \pm 0.004 "])
def test_a_mean_and_a_spread_are_read_with_their_digits(text):
    """Every usual separator."""
    mean, spread = parsed(text)

    assert (Fraction(913, 1000), Fraction(1, 1000)) == (mean.value, mean.unit)
    assert spread is not None
    assert (Fraction(4, 1000), Fraction(1, 1000)) == (spread.value, spread.unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0.9130", "1/10000"),
        ("120", "1"),
        ("1.20e2", "1"),
        ("1.2E-3", "1/10000"),
        ("-.5", "1/10"),
        ("\N{MINUS SIGN}2.5", "1/10"),
    ],
)
def test_digits_say_how_exactly_a_number_is_stated(text, unit):
    """Zeros at the end count."""
    assert Fraction(unit) == parsed(text)[0].unit


def test_rounding_is_allowed_to_go_either_way_at_a_half():
    """0.9125 gives 0.912 and 0.913, depending on who rounds."""
    for text in ("0.912", "0.913"):
        assert parsed(text)[0].agrees(Fraction("0.9125"))
    assert not parsed("0.913")[0].agrees(Fraction("0.91249"))
    assert not parsed("0.913")[0].agrees(Fraction("0.91351"))


@pytest.mark.parametrize(
    "text",
    ["", "nan", "inf", "0.9 ± 0.1 ± 0.2", "91.3 %", "0.913(4)", "1e999", "1e99999999999", "0.9 ± -0.1", "٣", "9" * 200],
)
def test_what_is_no_number_is_refused(text):
    """Nor a number that no metric has, or whose power of ten alone would fill the memory."""
    with pytest.raises(UsageError):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "kind", "runs", "told"),
    [
        ("0.9 ± 0.1", None, 5, "Give --spread"),
        ("0.9", "sd", 5, "needs a spread"),
        ("0.9 ± 0.1", "sd", 1, "spread of 1 run"),
        ("0.9 ± 0.1", "range", 1001, "cannot be converted"),
    ],
)
def test_a_spread_needs_its_definition_and_its_runs(text, kind, runs, told):
    """And a definition needs a spread."""
    with pytest.raises(UsageError) as refused:
        stated(text, kind, runs)

    assert told in f"{refused.value.message} {refused.value.hint}"
