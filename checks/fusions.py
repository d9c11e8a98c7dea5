"""Small programs that compilers fuse, at the sizes at which compilers change their code: inputs and NumPy's results."""

from __future__ import annotations

import itertools

from . import covering, sampled
from .agreement import agreement

POWERS = (10, 14, 15, 16, 17, 20)
"""Compilers split loops, vectorise and choose kernels by size: at and beside these powers of two (elements)."""
AXES = {
    "fusion": ("elementwise", "reduction", "dot", "vmap", "scan"),
    "rows": tuple(2**power + beside for power in POWERS for beside in (-1, 0, 1)),
    "width": (3, 8),
    "dtype": ("float32", "float64"),
}
"""Widths in columns: 3 leaves a remainder in every vector unit, 8 fills one of 256 bits with float32."""
SEED = 39103
"""Of the covering array and of the inputs."""
QUICK = (
    ("vmap", 16385, 3, "float64"),
    ("vmap", 32769, 3, "float32"),
    ("dot", 32769, 3, "float32"),
    ("reduction", 32769, 3, "float32"),
    ("reduction", 1048577, 3, "float32"),
    ("elementwise", 32769, 3, "float32"),
    ("scan", 1023, 3, "float32"),
)
"""Cells of the quick tier. jaxlib 0.10.2 is wrong in the first two (jax#39103); a sum of 2^20 rows was (xla#13054)."""
KNOWN = ("vmap 32767x3 float64",)
"""Cells of the covering array in which a release is known to be wrong (jaxlib 0.10.2): each part of a tier has them."""
AT_ONCE = 20
"""Inputs whose fusions are compiled as one program: each program costs time whatever it holds, and long ones more."""
TERMS = 64
"""Rounding steps behind one element of a fusion that sums over a row; `reduction` sums over all rows."""


def inputs(rows, width, dtype):
    """`rows` x `width` normal numbers and a square matrix, from a generator of their own; equal in both dtypes."""
    import numpy

    draws = numpy.random.RandomState(SEED)
    matrix = draws.standard_normal((width, width)).astype("float32")
    return draws.standard_normal((rows, width)).astype("float32").astype(dtype), matrix.astype(dtype)


def exact(fusion, rows, matrix):
    """The result of a fusion, computed by NumPy in float64."""
    import numpy

    wide, square = rows.astype("float64"), matrix.astype("float64")
    if fusion == "elementwise":
        return numpy.tanh(wide) * wide + numpy.exp(-wide * wide)
    if fusion == "reduction":
        return (wide * wide + 1).sum(0)
    if fusion == "dot":
        return numpy.maximum(wide @ square.T, 0) + 1
    if fusion == "vmap":
        return ((wide @ square.T) ** 2).sum(1)
    carry = numpy.zeros(len(wide))
    for column in wide.T:
        carry = numpy.tanh(carry * 0.5 + column)
    return carry


def name(fusion, rows, width, dtype):
    """The name of a cell in a reading, for example `vmap 16385x3 float64`."""
    return "%s %dx%d %s" % (fusion, rows, width, dtype)


def cells(everything=False):
    """All cells (fusion, rows, width, dtype), or those of the covering array."""
    if everything:
        return list(itertools.product(*AXES.values()))
    return [tuple(row.values()) for row in covering.covering(AXES, SEED)]


def asked(settings, most=None):
    """
    The cells that the settings ask for: those that `names` ends with, all (`all`), or the covering array's.

    Of the array, the first `most` (None: all of them), and of these the part of the full tier and `KNOWN`.
    """
    names = settings.get("names")
    if names:
        return [cell for cell in cells(True) if any(one.endswith(name(*cell)) for one in names)]
    if settings.get("all") == "1":
        return cells(True)
    part = settings.get("part")
    return [cell for cell in cells()[:most] if name(*cell) in KNOWN or sampled.taken(name(*cell), part)]


def conditions(chosen):
    """How many cells were measured of how many, and the seed of the covering array."""
    return {"cells": len(chosen), "of": covering.size(AXES), "seed": SEED}


def compared(chosen, eager, ways):
    """
    The reading of the rule `within` for these cells.

    Args:
        chosen: cells, as from `cells`.
        eager: function of a list of (fusions, rows, matrix), NumPy arrays, to a list of dicts from each of the fusions
            to its tensor.
        ways: prefix of the names in the reading to such a function that compiles.
    """
    groups, found = {}, {}
    for fusion, rows, width, dtype in chosen:
        groups.setdefault((rows, width, dtype), []).append(fusion)
    keys = list(groups)
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        given = [(tuple(groups[key]), *inputs(*key)) for key in part]
        plain, made = eager(given), {prefix: compiled(given) for prefix, compiled in ways.items()}
        for place, (key, case) in enumerate(zip(part, given)):
            for fusion in case[0]:
                truth, terms = exact(fusion, *case[1:]), key[0] if fusion == "reduction" else TERMS
                for prefix, others in made.items():
                    value = agreement(plain[place][fusion], others[place][fusion], truth, terms)
                    found[prefix + name(fusion, *key)] = value
    return found
