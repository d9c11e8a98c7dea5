"""Which cells a check measures: the covering array's, the part of a tier, all, or those that it is asked for again."""

import pytest

from checks import fusions, matrix
from checks.sampled import PARTS, taken

MODES = ("forward", "gradient", "compiled")
CELLS = matrix.cells(MODES)
WRONG = "vmap 32769x3 float32"


def test_the_full_tier_takes_the_same_part_of_the_cells_everywhere():
    """One in three, chosen by the digest of the name, and the cells that a release is known to be wrong in."""
    known = next(matrix.name(cell) for cell in CELLS if not taken(matrix.name(cell), "full"))

    part = [matrix.name(cell) for cell in matrix.asked(CELLS, {"part": "full"}, [known])]

    assert known in part
    assert all(taken(name, "full") for name in part if name != known)
    assert len(CELLS) / PARTS / 1.5 < len(part) < len(CELLS) / PARTS * 1.5
    assert CELLS == matrix.asked(CELLS, {})


def test_the_full_tier_takes_a_part_of_the_sizes_of_fusions():
    whole, part = fusions.asked({}), fusions.asked({"part": "full"})

    assert set(part) < set(whole)
    assert [one for one in whole if taken(name := fusions.name(*one), "full") or name in fusions.KNOWN] == part
    assert set(fusions.KNOWN) <= {fusions.name(*one) for one in part}
    assert {fusion for fusion, *_ in part} == set(fusions.AXES["fusion"])


def test_some_cells_are_all_cells_that_begin_the_array():
    """Inductor compiles each cell apart, and takes the first ones."""
    assert fusions.cells()[:24] == fusions.asked({}, 24)
    assert len(fusions.asked({"all": "1"}, 24)) == len(fusions.cells(everything=True))


@pytest.mark.parametrize("settings", [{}, {"part": "full"}, {"all": "1"}])
@pytest.mark.parametrize("names", [[WRONG], ["xla:" + WRONG, "function:" + WRONG]])
def test_what_differs_is_measured_again_alone(settings, names):
    """By its name, after the name of a compiler, whatever part was measured at first."""
    wrong = [cell for cell in fusions.cells(everything=True) if fusions.name(*cell) == WRONG]

    assert wrong == fusions.asked({**settings, "names": names})
    assert [] == fusions.asked({**settings, "names": ["vmap 5x3 float32"]})
