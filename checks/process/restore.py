"""Puts back what a library writes into its process while it is used, so that later checks measure as the user runs."""

from __future__ import annotations

import contextlib
import os
import sys


@contextlib.contextmanager
def kept():
    """
    Environment variables and Python's recursion limit are afterwards what they were before.

    The first optimizer of torch sets TORCHINDUCTOR_CACHE_DIR, the first seed of Keras imports TensorFlow, which sets
    several, and compilers raise the recursion limit.
    """
    variables, limit = dict(os.environ), sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        os.environ.clear()
        os.environ.update(variables)
