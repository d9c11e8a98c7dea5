"""
The factor `memory-fill` in NumPy: what `numpy.empty` gives holds that byte.

The C library fills what it gives out, but NumPy keeps small blocks that it was given back and hands them out again.
"""

from __future__ import annotations

import ctypes

from ....factors.wrappers import in_place_of


def fill(numpy, byte):
    """From here on, for who calls it by the module's name or takes the name from there."""
    for name in ("empty", "empty_like"):
        setattr(numpy, name, _filling(numpy, getattr(numpy, name), byte))


def _filling(numpy, plain, byte):
    def filled(*arguments, **named):
        made = plain(*arguments, **named)
        if type(made) is numpy.ndarray and not made.dtype.hasobject and made.flags.forc:
            ctypes.memset(made.ctypes.data, byte, made.nbytes)
        return made

    return in_place_of(plain, filled)
