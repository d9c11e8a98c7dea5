"""Checks of the interpreter itself: standard library only, Python 3.8 and newer."""
