"""
The factor `memory-fill` in NumPy: new arrays of `numpy.empty` are filled with one byte.

The C library fills the blocks that it allocates, but NumPy caches small blocks that were freed and reuses them.
"""

from __future__ import annotations

import ctypes

from ....factors.wrappers import in_place_of


def fill(numpy, byte):
    """Replace `numpy.empty` and `numpy.empty_like`; names that were imported before are not affected."""
    for name in ("empty", "empty_like"):
        setattr(numpy, name, _filling(numpy, getattr(numpy, name), byte))


def _filling(numpy, plain, byte):
    def filled(*arguments, **named):
        made = plain(*arguments, **named)
        if type(made) is numpy.ndarray and not made.dtype.hasobject and made.flags.forc:
            ctypes.memset(made.ctypes.data, byte, made.nbytes)
        return made

    return in_place_of(plain, filled)
