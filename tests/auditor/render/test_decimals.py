"""Decimal numbers beside hexadecimal ones."""

import json

from hypothesis import given
from hypothesis import strategies as st

from auditor.render import decimals


def test_numbers_lists_and_nested_values_get_a_decimal_beside_them():
    """The exact text stays."""
    value = {"rate": (0.1).hex(), "pair": [(2.5).hex(), (-1e-300).hex()], "deep": [{"x": (3.0).hex()}], "n": 4}

    assert decimals.beside(value) == {
        **value,
        "rate_decimal": 0.1,
        "pair_decimal": [2.5, -1e-300],
        "deep": [{"x": (3.0).hex(), "x_decimal": 3.0}],
    }


def test_what_is_no_finite_number_stays_alone():
    """Words, digests, NaN, infinities, mixed and empty lists; nor is a key that exists replaced."""
    value = {
        "digest": "ab" * 32,
        "nan": "nan",
        "inf": "-inf",
        "mixed": [(1.0).hex(), "x"],
        "empty": [],
        "near": "0x1.8p+1 ",
        "x": (1.0).hex(),
        "x_decimal": "taken",
    }

    assert decimals.beside(value) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back_as_itself(number):
    """Also denormal ones and both zeros, through JSON."""
    found = json.loads(json.dumps(decimals.beside({"x": number.hex()})))

    assert float(found["x_decimal"]).hex() == number.hex()
