"""Restores process state that a library changes when it is used, so that later checks measure as users run."""

from __future__ import annotations

import contextlib
import os
import sys


@contextlib.contextmanager
def kept():
    """
    Restore environment variables and Python's recursion limit at the end of the block.

    The first optimizer of torch sets TORCHINDUCTOR_CACHE_DIR, the first seed call of Keras imports TensorFlow, which
    sets several variables, and compilers raise the recursion limit.
    """
    variables, limit = dict(os.environ), sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        os.environ.clear()
        os.environ.update(variables)
