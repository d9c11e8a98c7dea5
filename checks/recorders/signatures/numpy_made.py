"""
The same inputs as `torch/made.py` makes, as NumPy arrays, for frameworks that take those.

NumPy's integers wrap, and its float64 arithmetic on this grid is exact, so the bits are equal on every machine.
"""

from __future__ import annotations

import math

from . import grid


def array(numpy, dtype, shape, statistics, stream):
    """
    An array of this dtype and shape, with values of this kind. Raises grid.TooLarge.

    Args:
        numpy: the module.
        dtype: a NumPy dtype, also one of ml_dtypes (bfloat16, float8).
        shape: sides of the array.
        statistics: of the program's tensor, or None.
        stream: which stream of the generator.
    """
    size = math.prod(shape)
    if size > grid.MOST_ELEMENTS:
        raise grid.TooLarge("a tensor of %d elements is not made" % size)
    return _values(numpy, dtype, size, statistics or {}, stream).reshape(shape)


def mixed(numpy, count, stream):
    """`count` pseudo-random 62-bit integers of one stream: SplitMix64 at 1, 2, 3, ... in wrapping uint64."""
    word = numpy.uint64
    state = numpy.arange(1, count + 1, dtype=word) + word(stream * grid.STREAM & (1 << 64) - 1)
    state *= word(grid.FIRST)
    for shift, factor in ((30, grid.SECOND), (27, grid.THIRD)):
        state = (state ^ (state >> word(shift))) * word(factor)
    state ^= state >> word(31)
    return (state & word((1 << 62) - 1)).astype(numpy.int64)


def _values(numpy, dtype, size, told, stream):
    if dtype.kind == "b":
        return mixed(numpy, size, stream) % grid.SHARES >= grid.part(told.get("zeros", 0.5))
    if dtype.kind == "c":
        real, imaginary = (_floats(numpy, size, told, stream + place) for place in (0, 1 << 20))
        return (real + 1j * imaginary).astype(dtype)
    if dtype.kind in "iu":
        with numpy.errstate(over="ignore"):
            return _integers(numpy, size, told, stream).astype(dtype)
    with numpy.errstate(over="ignore"):
        values = _floats(numpy, size, told, stream).astype(dtype)
    special = math.ceil(told.get("nonfinite", 0.0) * grid.SHARES)
    if special:
        values[_share(mixed(numpy, size, stream), grid.BITS) >= grid.SHARES - special] = math.nan
    return values


def _share(drawn, shift):
    """Bits of the drawn integers that no value uses, as a number below `SHARES`."""
    return (drawn >> shift) & (grid.SHARES - 1)


def _floats(numpy, size, told, stream):
    drawn = mixed(numpy, size, stream)
    lower, scale = grid.floats(told)
    values = (drawn & ((1 << grid.BITS) - 1)).astype(numpy.float64) * scale + lower
    values[_share(drawn, grid.BITS) < grid.part(told.get("zeros", 0.0))] = 0.0
    return values


def _integers(numpy, size, told, stream):
    how, drawn = grid.Integers(told), mixed(numpy, size, stream)
    values = how.low + (drawn % how.chosen) * how.step
    if how.often:
        values[_share(drawn, 40) < how.often] = how.low
    if size and how.reaches_high:
        values[-1] = how.high
    return numpy.sort(values) if how.sorted else values
