"""Numbers of a manifest in prose."""

from __future__ import annotations

SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def few(count: int) -> str:
    """A small number as a word, a large one with separators."""
    return SMALL[count] if 0 <= count < len(SMALL) else f"{count:,}"


def counted(count: int, noun: str, plural: str = "", *, capital: bool = False) -> str:
    """`three runs`."""
    number = few(count)
    return f"{number.capitalize() if capital else number} {noun if count == 1 else plural or noun + 's'}"


def percent(rate: float) -> str:
    """A rate, rounded as everywhere in reports."""
    return f"{100 * rate:.0f} %"
