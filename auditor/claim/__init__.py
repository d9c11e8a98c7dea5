"""Judges a reported number by the values of runs: pure functions, without processes or files."""
