"""A number as a paper reports it: its digits count, since they say how exactly it is stated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from ..errors import UsageError

Kind = Literal["sd", "sem", "range"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MEANINGS: dict[Kind, str] = {
    "sd": "standard deviation",
    "sem": "standard error of the mean",
    "range": "range: largest minus smallest value",
}
MOST_CHARACTERS = 100
MOST_EXPONENT = 100
"""A metric is no larger than 1e100; the square of such a number still is a float."""
MOST_RUNS = 1000
"""Runs behind a reported range: its expectation is integrated for so many at most."""
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)
SEPARATOR = re.compile(r"±|\+/-|\+-|\\pm")
HINT = "Write the mean, and the spread if there is one: --reported '0.913 ± 0.004'. Leave units and % signs out."


@dataclass(frozen=True)
class Figure:
    """A decimal number as it is written."""

    text: str
    value: Fraction
    """Exactly what the digits say."""
    unit: Fraction
    """The value of a 1 in the last digit that is written: 0.001 of `0.913`, 1 of `120`."""

    @property
    def half(self) -> Fraction:
        """Half a unit of the last digit: how far the number that was rounded to this one can lie from it."""
        return self.unit / 2

    def agrees(self, exact: Fraction) -> bool:
        """Whether a number gives these digits when it is rounded; halves may be rounded up, down or to even."""
        return abs(exact - self.value) <= self.half


@dataclass(frozen=True)
class Stated:
    """What a paper says of a metric."""

    mean: Figure
    spread: Figure | None
    kind: Kind
    """The definition of the spread; without a meaning if there is none."""
    runs: int
    """Runs behind the reported mean."""


def stated(text: str, kind: Kind | None, runs: int) -> Stated:
    """
    The claim in `--reported`, `--spread` and `--reported-runs`.

    Raises UsageError for what is no number, for a spread whose definition is not given, and for a spread of one run.
    """
    mean, spread = parsed(text)
    if spread is not None and kind is None:
        raise UsageError(
            f"--reported has a spread, but nothing says what {spread.text} is",
            "Nothing was run. Give --spread sd (standard deviation), sem (standard error) or range (largest minus"
            " smallest value), as the paper defines it.",
        )
    if spread is None and kind is not None:
        raise UsageError(f"--spread {kind} needs a spread in --reported", f"Nothing was run. {HINT}")
    if spread is not None and runs < 2:
        raise UsageError(
            f"a spread of {runs} run{'' if runs == 1 else 's'} does not exist",
            "Nothing was run. Give the number of runs behind the reported figures with --reported-runs.",
        )
    if kind == "range" and runs > MOST_RUNS:
        raise UsageError(
            f"a range of more than {MOST_RUNS} runs cannot be converted into a standard deviation", "Nothing was run."
        )
    return Stated(mean, spread, kind or "sd", runs)


def parsed(text: str) -> tuple[Figure, Figure | None]:
    """Mean and spread of `0.913 ± 0.004`; `+/-`, `+-` and LaTeX's pm separate them, too. Raises UsageError."""
    parts = SEPARATOR.split(text) if len(text) <= MOST_CHARACTERS else []
    if len(parts) not in {1, 2}:
        raise _not_a_number(text)
    figures = [_figure(part, text) for part in parts]
    spread = figures[1] if len(figures) == 2 else None
    if spread is not None and spread.value < 0:
        raise UsageError(f"the spread {spread.text} is negative", f"Nothing was run. {HINT}")
    return figures[0], spread


def _figure(part: str, whole: str) -> Figure:
    written = part.strip().replace("\N{MINUS SIGN}", "-")
    found = NUMBER.fullmatch(written)
    if not found:
        raise _not_a_number(whole)
    exponent = int(found[3] or 0)
    decimals = len(found[1] or found[2] or "")
    if not (-MOST_EXPONENT <= exponent <= MOST_EXPONENT):
        raise UsageError(f"{written} is beyond 1e{MOST_EXPONENT}: no metric is", f"Nothing was run. {HINT}")
    return Figure(written, Fraction(written), Fraction(10) ** (exponent - decimals))


def _not_a_number(text: str) -> UsageError:
    return UsageError(f"--reported is no number: {text[:MOST_CHARACTERS]!a}", f"Nothing was run. {HINT}")
