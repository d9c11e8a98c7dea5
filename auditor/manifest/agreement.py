"""What one value of the rule `within` holds: the errors of two forms against float64, and how large they may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import JsonValue

WRONG_FACTOR = 4.0
"""A compiled error up to this multiple of the eager error counts as rounding."""


@dataclass(frozen=True)
class Errors:
    """The errors of one tensor against its float64 reference; NaN where the reading does not tell."""

    eager: float
    """Largest absolute error of the eager result."""
    compiled: float
    """Largest absolute error of the compiled result."""
    allowed: float
    """Up to here it is rounding: four times the eager one, or eps times the terms of the longest sum."""
    compiled_l2: float
    """Relative error of the compiled result in the Euclidean norm."""
    allowed_l2: float
    """The same limit for that error: the root of the terms takes the place of their number."""


def number(value: JsonValue) -> float:
    """A measured number: an integer, or a float as `float.hex()` text; NaN for anything else."""
    if isinstance(value, str):
        try:
            return float.fromhex(value)
        except (ValueError, OverflowError):
            return math.nan
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def errors(value: dict[str, JsonValue]) -> Errors:
    """The errors of one tensor's reading (made by the payload's `agreement`), and the allowed ones."""
    eps, terms = number(value.get("eps")), number(value.get("reduction"))
    eager = number(value.get("eager_error"))
    root = math.sqrt(terms) if terms >= 0 else math.nan
    return Errors(
        eager=eager,
        compiled=number(value.get("compiled_error")),
        allowed=max(WRONG_FACTOR * eager, eps * terms * number(value.get("scale"))),
        compiled_l2=number(value.get("compiled_l2", 0)),
        allowed_l2=WRONG_FACTOR * max(number(value.get("eager_l2", 0)), eps * root),
    )


def agreement_class(value: JsonValue) -> str:
    """
    `same`, `rounding` or `beyond` for one tensor's reading (made by the payload's `agreement`).

    Beyond rounding are: other elements that are not finite, a lost band of small elements, a largest error above four
    times the eager one and above eps times the terms of the longest sum, and a relative L2 error above four times the
    eager one and above eps times the root of the terms. Readings before 0.3 have neither `lost` nor L2 errors.
    """
    if not isinstance(value, dict):
        return "beyond"
    if value.get("bits_equal") is True:
        return "same"
    if value.get("same_shape_and_dtype") is not True or value.get("not_finite") != 0:
        return "beyond"
    if value.get("lost", 0) != 0:
        return "beyond"
    found = errors(value)
    return "rounding" if found.compiled <= found.allowed and found.compiled_l2 <= found.allowed_l2 else "beyond"
