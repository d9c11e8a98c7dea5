"""Checks of the interpreter; standard library only, Python 3.8 and newer."""
