"""
Pairwise covering arrays: few rows over named axes, in which every pair of values of two axes is in at least one row.

Most faults that depend on an input's form depend on one or two properties of it (Kuhn, Wallace, Gallo: Software fault
interactions, 2004). The array is built greedily, as in AETG (Cohen et al., 1997). There are libraries for this
(allpairspy, covertable), but the payload may import the standard library only.
"""

from __future__ import annotations

import itertools
import random


def all_allowed(row):
    """The constraint that refuses no row."""
    return isinstance(row, dict)


def covering(axes, seed, allowed=all_allowed):
    """
    The rows of the array, in a drawn order, so that its first rows are a fair part of it: dicts from axis to value.

    Args:
        axes: axis to its values (a sequence without duplicates).
        seed: an integer that decides ties; one seed gives the same rows on every Python.
        allowed: whether a row may exist. It is also asked about incomplete rows, which lack axes: a row must not be
            refused before the axes that matter are there, and stays refused when others are added.
    """
    draws, rows = random.Random(seed), []  # only `random()`: other methods may change between releases of Python
    left = dict.fromkeys(_pairs(axes, allowed))
    while left:
        start = dict(next(iter(left)))
        row = _completed(start, axes, allowed, left, draws)
        if row is None:  # no complete row holds this pair
            left.pop(tuple(start.items()))
            continue
        rows.append({axis: row[axis] for axis in axes})
        for pair in _pairs_of(rows[-1]):
            left.pop(pair, None)
    order = sorted(range(len(rows)), key=lambda place: (draws.random(), place))
    return [rows[place] for place in order]


def uncovered(rows, axes, allowed=all_allowed):
    """The pairs that some allowed row holds and none of these rows: ((axis, value), (axis, value)), in order."""
    seen = {pair for row in rows for pair in _pairs_of(row)}
    return [pair for pair in _pairs(axes, allowed) if pair not in seen and _possible(dict(pair), axes, allowed)]


def size(axes, allowed=all_allowed):
    """The number of allowed rows: of all cells."""
    return sum(1 for values in itertools.product(*axes.values()) if allowed(dict(zip(axes, values))))


def _pairs(axes, allowed):
    for one, other in itertools.combinations(axes, 2):
        for left, right in itertools.product(axes[one], axes[other]):
            if allowed({one: left, other: right}):
                yield ((one, left), (other, right))


def _pairs_of(row):
    return itertools.combinations(row.items(), 2)


def _possible(row, axes, allowed):
    return _completed(row, axes, allowed, {}, random.Random(0)) is not None


def _completed(row, axes, allowed, left, draws):
    """A complete allowed row that holds these values and many pairs of `left`; None if there is none."""
    missing = [axis for axis in axes if axis not in row]
    if not missing:
        return row
    axis = missing[0]
    ranked = sorted((-_gain(row, axis, value, axes, left), draws.random(), n) for n, value in enumerate(axes[axis]))
    for _, _, place in ranked:
        longer = dict(row, **{axis: axes[axis][place]})
        if allowed(longer):
            found = _completed(longer, axes, allowed, left, draws)
            if found is not None:
                return found
    return None


def _gain(row, axis, value, axes, left):
    """Number of pairs of `left` that the value would cover."""
    order, gain = list(axes), 0
    for other, old in row.items():
        pair = ((axis, value), (other, old))
        gain += (pair if order.index(axis) < order.index(other) else pair[::-1]) in left
    return gain
