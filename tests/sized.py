"""What tests of the checks of fusions by size share: a part of the covering array."""

FIRST = """
from _auditor_checks import fusions
whole = fusions.cells
fusions.cells = lambda everything=False: whole(True) if everything else whole()[:9]
"""
"""A set-up: the first nine cells, which are a fair part. Compiling all of them is for `make exhaustive`."""


def written(folder, setup):
    """The path of a file with this set-up; empty for none."""
    path = folder / "setup.py"
    path.write_text(setup)
    return str(path) if setup else ""
