"""
Inputs for a signature that are equal in every bit on every machine.

They come from an integer counter generator. A value is an integer of 24 bits times a power of two, plus an offset:
the product is exact, so vector widths and fused operations cannot change it. `randn` differs in its last bits between
vector widths.
"""

from __future__ import annotations

import math

MOST_ELEMENTS = 1 << 26
"""Elements of one tensor's storage; a larger one is not made."""
BITS = 24
FIRST, SECOND, THIRD = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""The constants of SplitMix64 (Steele, Lea, Flood 2014)."""


class TooLarge(Exception):
    """A tensor would take more elements than are made here."""


def signed(number):
    """A 64-bit constant as torch's int64 has it."""
    return number - (1 << 64) if number >= 1 << 63 else number


def mixed(torch, count, stream):
    """`count` pseudo-random 62-bit integers of one stream: SplitMix64 at 1, 2, 3, ... in wrapping int64."""
    state = torch.arange(1, count + 1, dtype=torch.int64) + signed(stream * 0x632BE59BD9B4E019 & (1 << 64) - 1)
    state = state * signed(FIRST)
    for shift, factor in ((30, SECOND), (27, THIRD)):
        state = (state ^ _right(torch, state, shift)) * signed(factor)
    state ^= _right(torch, state, 31)
    return state & ((1 << 62) - 1)


def _right(torch, state, shift):
    """A logical shift to the right: int64's own keeps the sign."""
    return torch.bitwise_right_shift(state, shift) & ((1 << (64 - shift)) - 1)


def tensor(torch, described, statistics, stream):
    """A tensor of this description, with values of this kind."""
    shape, strides = described["shape"], described["strides"]
    dtype = getattr(torch, described["tensor"])
    size = 1 + sum((side - 1) * step for side, step in zip(shape, strides)) if all(shape) else 0
    if size > MOST_ELEMENTS or min(strides, default=0) < 0:
        raise TooLarge("a tensor of %d elements is not made" % size)
    values = _values(torch, dtype, max(size, 0), statistics or {}, stream)
    return values.to(described.get("device", "cpu")).as_strided(shape, strides)


def _values(torch, dtype, size, told, stream):
    if dtype == torch.bool:
        return mixed(torch, size, stream) % 4096 >= int(told.get("zeros", 0.5) * 4096)
    if dtype.is_complex:
        parts = [_floats(torch, size, told, stream + place) for place in (0, 1 << 20)]
        return torch.complex(*parts).to(dtype)
    if dtype.is_floating_point:
        values = _floats(torch, size, told, stream).to(dtype)
        special = math.ceil(told.get("nonfinite", 0.0) * 4096)
        if special:  # after the conversion, which gives NaN other bits by the vector width
            place = torch.bitwise_right_shift(mixed(torch, size, stream), BITS) & 4095
            values = values.masked_fill(place >= 4096 - special, math.nan)
        return values
    return _integers(torch, size, told, stream).to(dtype)


def _floats(torch, size, told, stream):
    """Values in float64: a grid of 2^24 steps over the range of the statistics, zeros strewn in."""
    drawn = mixed(torch, size, stream)
    lower, scale = _range(told)
    values = (drawn & ((1 << BITS) - 1)).to(torch.float64) * scale + lower
    place = torch.bitwise_right_shift(drawn, BITS) & 4095
    zeros = int(told.get("zeros", 0.0) * 4096)
    return torch.where(place < zeros, 0.0, values)


def _range(told):
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


def _integers(torch, size, told, stream):
    """Integers in the range of the statistics, with their repetitions: indices are of this kind."""
    low, high = int(told.get("min", 0)), int(told.get("max", 0))
    drawn = mixed(torch, size, stream)
    count = max(1, high - low + 1)
    sampled, distinct = told.get("sampled", 0), told.get("distinct", count)
    chosen = min(count, max(1, distinct)) if sampled and distinct * 2 <= sampled else count
    values = low + (drawn % chosen) * (count // chosen)
    top = told.get("top", 0.0)
    if sampled and top * distinct > 4:  # one value is far more frequent than the others
        place = torch.bitwise_right_shift(drawn, 40) & 4095
        values = torch.where(place < int(top * 4096), low, values)
    if size and chosen == count and not told.get("sorted"):
        values[-1] = high  # a bound that the program reached, such as the last row
    return values.sort().values if told.get("sorted") else values
