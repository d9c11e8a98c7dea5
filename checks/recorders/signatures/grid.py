"""
The grid of values from which inputs are made, by the statistics of a tensor: plain numbers, for every framework.

A value is an integer of 24 bits times a power of two, plus an offset, so it is exact in float64 on every machine.
"""

from __future__ import annotations

import math

MOST_ELEMENTS = 1 << 26
"""Elements of one tensor's storage; a larger one is not made."""
BITS = 24
SEED = 20_000
"""Of generators from which an operator draws."""
STREAM, FIRST, SECOND, THIRD = 0x632BE59BD9B4E019, 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""What tells streams apart, and the constants of SplitMix64 (Steele, Lea, Flood 2014)."""
SHARES = 4096
"""Shares, such as that of zeros, are counted in so many parts."""


class TooLarge(Exception):
    """A tensor would take more elements than are made here."""


def part(share):
    """A share of 0 to 1 as a number of `SHARES`."""
    return int(share * SHARES)


def floats(told):
    """(lowest value, size of a step), both powers of two or sums of two."""
    low, high = float(told.get("min", -1.0)), float(told.get("max", 1.0))
    spread = float(told.get("spread", 0.0))
    largest = max(abs(low), abs(high))
    if spread and low < 0 < high:  # a few outliers must not make all others vanish
        largest = min(largest, 4 * spread)
    exponent = max(-1000, min(1000, math.frexp(largest)[1])) if largest and math.isfinite(largest) else 0
    whole = math.ldexp(1.0, exponent)
    if low < 0 < high:
        return -whole, math.ldexp(whole, 1 - BITS)
    if low >= 0:
        base = math.ldexp(1.0, math.frexp(low)[1] - 1) if low > 0 else 0.0
        return base, math.ldexp(whole, -BITS)
    base = math.ldexp(1.0, math.frexp(-high)[1] - 1) if high < 0 else 0.0
    return -base - whole, math.ldexp(whole, -BITS)


class Integers:
    """How integers are made: `low + (drawn % chosen) * step`, one value more often, the highest at the end, sorted."""

    def __init__(self, told):
        self.low, self.high = int(told.get("min", 0)), int(told.get("max", 0))
        count = max(1, self.high - self.low + 1)
        sampled, distinct = told.get("sampled", 0), told.get("distinct", count)
        self.chosen = min(count, max(1, distinct)) if sampled and distinct * 2 <= sampled else count
        self.step = count // self.chosen
        top = told.get("top", 0.0)
        self.often = part(top) if sampled and top * distinct > 4 else 0
        """The part of values that are `low`, where one value is far more frequent than the others."""
        self.sorted = bool(told.get("sorted"))
        self.reaches_high = self.chosen == count and not self.sorted
        """Whether the last value is the highest: a bound that the program reached, such as the last row."""
