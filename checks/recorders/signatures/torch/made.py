"""
Inputs for a signature that are equal in every bit on every machine.

They come from an integer counter generator. A value is an integer of 24 bits times a power of two, plus an offset:
the product is exact, so vector widths and fused operations cannot change it. `randn` differs in its last bits between
vector widths.
"""

from __future__ import annotations

import math

from .. import grid


def signed(number):
    """A 64-bit constant as torch's int64 has it."""
    return number - (1 << 64) if number >= 1 << 63 else number


def mixed(torch, count, stream):
    """`count` pseudo-random 62-bit integers of one stream: SplitMix64 at 1, 2, 3, ... in wrapping int64."""
    state = torch.arange(1, count + 1, dtype=torch.int64) + signed(stream * grid.STREAM & (1 << 64) - 1)
    state = state * signed(grid.FIRST)
    for shift, factor in ((30, grid.SECOND), (27, grid.THIRD)):
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
    if size > grid.MOST_ELEMENTS or min(strides, default=0) < 0:
        raise grid.TooLarge("a tensor of %d elements is not made" % size)
    values = _values(torch, dtype, max(size, 0), statistics or {}, stream)
    return values.to(described.get("device", "cpu")).as_strided(shape, strides)


def _values(torch, dtype, size, told, stream):
    if dtype == torch.bool:
        return mixed(torch, size, stream) % grid.SHARES >= grid.part(told.get("zeros", 0.5))
    if dtype.is_complex:
        parts = [_floats(torch, size, told, stream + place) for place in (0, 1 << 20)]
        return torch.complex(*parts).to(dtype)
    if dtype.is_floating_point:
        values = _floats(torch, size, told, stream).to(dtype)
        special = math.ceil(told.get("nonfinite", 0.0) * grid.SHARES)
        if special:  # after the conversion, which gives NaN other bits by the vector width
            values = values.masked_fill(
                _share(torch, mixed(torch, size, stream), grid.BITS) >= grid.SHARES - special, math.nan
            )
        return values
    return _integers(torch, size, told, stream).to(dtype)


def _share(torch, drawn, shift):
    """Bits of the drawn integers that no value uses, as a number below `SHARES`."""
    return torch.bitwise_right_shift(drawn, shift) & (grid.SHARES - 1)


def _floats(torch, size, told, stream):
    """Values in float64: a grid of 2^24 steps over the range of the statistics, zeros strewn in."""
    drawn = mixed(torch, size, stream)
    lower, scale = grid.floats(told)
    values = (drawn & ((1 << grid.BITS) - 1)).to(torch.float64) * scale + lower
    return torch.where(_share(torch, drawn, grid.BITS) < grid.part(told.get("zeros", 0.0)), 0.0, values)


def _integers(torch, size, told, stream):
    """Integers in the range of the statistics, with their repetitions: indices are of this kind."""
    how, drawn = grid.Integers(told), mixed(torch, size, stream)
    values = how.low + (drawn % how.chosen) * how.step
    if how.often:
        values = torch.where(_share(torch, drawn, 40) < how.often, how.low, values)
    if size and how.reaches_high:
        values[-1] = how.high
    return values.sort().values if how.sorted else values
