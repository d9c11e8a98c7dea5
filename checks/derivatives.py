"""Derivatives that are known in closed form, at points where branches meet: zero, equal arguments, both signs."""

from __future__ import annotations

from .agreement import agreement

POINTS = (-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0)
"""Arguments. Zero is where formulas are patched: both arguments of a maximum are equal there, a quotient is 0/0."""


def first(numpy):
    """Name to the first derivative at the points, float64; `equal` has two equal arguments, with respect to one."""
    x = numpy.array(POINTS)
    sigmoid = 1 / (1 + numpy.exp(-x))
    return {
        "softplus": sigmoid,
        "logaddexp": sigmoid,
        "logaddexp, equal": numpy.full_like(x, 0.5),
        "sigmoid": sigmoid * (1 - sigmoid),
        "tanh": 1 - numpy.tanh(x) ** 2,
        "exp": numpy.exp(x),
        "expm1": numpy.exp(x),
        "square": 2 * x,
        "cube": 3 * x**2,
        "sin": numpy.cos(x),
        "arctan": 1 / (1 + x**2),
        "silu": sigmoid * (1 + x * (1 - sigmoid)),
    }


def second(numpy):
    """Name to the second derivative at the points, float64."""
    x = numpy.array(POINTS)
    sigmoid = 1 / (1 + numpy.exp(-x))
    return {
        "softplus": sigmoid * (1 - sigmoid),
        "sigmoid": sigmoid * (1 - sigmoid) * (1 - 2 * sigmoid),
        "tanh": -2 * numpy.tanh(x) * (1 - numpy.tanh(x) ** 2),
        "exp": numpy.exp(x),
        "expm1": numpy.exp(x),
        "square": numpy.full_like(x, 2.0),
        "cube": 6 * x,
        "sin": -numpy.sin(x),
    }


def compared(computed, exact, order):
    """
    The reading of the rule `within`: computed derivatives against the closed form, rounded to their dtype.

    Args:
        computed: name to tensor of the derivatives at the points; names that `exact` lacks are an error.
        exact: `first` or `second` of this module.
        order: `first` or `second`, for the names in the reading.
    """
    import numpy

    truth = exact(numpy)
    return {
        "%s derivative of %s" % (order, name): agreement(_as(truth[name], result), result, truth[name], len(POINTS))
        for name, result in computed.items()
    }


def _as(truth, result):
    """The closed form as an array of the result's dtype."""
    import numpy

    return numpy.asarray(truth, numpy.asarray(result).dtype)
