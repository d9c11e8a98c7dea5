"""
Distributions of samples of a normal distribution, by integration: Student's t, the power of a test, the range.

Everything is an expectation over U = s/sigma, where s estimates sigma with v degrees of freedom: v U^2 has the
chi-square distribution. Integrals are Simpson sums; a test compares them with published tables and with SciPy.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from statistics import NormalDist

STEPS, FINE_STEPS, FEW_DEGREES = 320, 800, 4.0
"""
Even numbers of intervals of an integral: quantiles are exact to 1e-5 of their value. The fine ones are for few degrees
of freedom, where t is large, and for expectations of a range, which are computed once.
"""
WIDTH = 10.0
"""The integral covers so many standard deviations of U (about 1/sqrt(2v)) to each side."""
PLANE_STEPS, PLANE_WIDTH = 160, 8.0
"""Even number of intervals and half width, in standard deviations, of the double integral of the range's square."""
PRECISION = 1e-9
NORMAL = NormalDist()


@functools.lru_cache(maxsize=512)
def nodes(freedom: float) -> tuple[tuple[float, float], ...]:
    """Values of U = s/sigma with weights that add up to 1; `freedom` is at least 1."""
    reach = WIDTH / math.sqrt(2 * freedom)
    low, high = max(0.0, 1 - reach), 1 + reach
    steps = FINE_STEPS if freedom < FEW_DEGREES else STEPS
    places = [low + (high - low) * step / steps for step in range(steps + 1)]
    weights = [_simpson(step, steps) * _density(place, freedom) for step, place in enumerate(places)]
    total = math.fsum(weights)
    return tuple((place, weight / total) for place, weight in zip(places, weights, strict=True))


def _simpson(step: int, steps: int) -> int:
    return 1 if step in {0, steps} else 4 if step % 2 else 2


def _density(place: float, freedom: float) -> float:
    """Of U, without its constant factor. Scaled by its logarithm at 1, so that nothing overflows."""
    if place <= 0:
        return math.exp(freedom / 2) if freedom == 1 else 0.0
    return math.exp((freedom - 1) * math.log(place) - freedom * (place * place - 1) / 2)


@functools.lru_cache(maxsize=512)
def t_quantile(freedom: float, within: float = 0.95) -> float:
    """The t for which a variable with Student's t distribution lies within -t and t with this probability."""

    def covered(t: float) -> float:
        return math.fsum(weight * math.erf(t * u / math.sqrt(2)) for u, weight in nodes(freedom))

    return _root(lambda t: covered(t) - within, 0.0, 1e4)


def power(shift: float, noise: float, freedom: float, threshold: float, slack: float = 0.0) -> float:
    """
    The probability that |D| > threshold U + slack, where D is normal with mean `shift` and standard deviation `noise`.

    All are in units of sigma. With `threshold` = t `noise` this is the power of a t test, whose statistic has the
    noncentral t distribution; `slack` is what rounding adds to the interval.
    """
    return math.fsum(
        weight
        * (NORMAL.cdf((shift - threshold * u - slack) / noise) + NORMAL.cdf((-shift - threshold * u - slack) / noise))
        for u, weight in nodes(freedom)
    )


@functools.cache
def range_mean(count: int) -> float:
    """The expected range of `count` standard normal values (d2 of control charts)."""
    step = 2 * PLANE_WIDTH / FINE_STEPS
    found = 0.0
    for number in range(FINE_STEPS + 1):
        below = NORMAL.cdf(-PLANE_WIDTH + number * step)
        found += _simpson(number, FINE_STEPS) * (1 - below**count - (1 - below) ** count)
    return found * step / 3


@functools.cache
def range_square(count: int) -> float:
    """
    The expected square of the range W of `count` standard normal values: d2^2 + d3^2.

    E W^2 is the integral of 2 w P(W > w); P(W <= w) that of count phi(x) (Phi(x + w) - Phi(x))^(count - 1).
    """
    step = 2 * PLANE_WIDTH / PLANE_STEPS
    places = [-PLANE_WIDTH + number * step for number in range(2 * PLANE_STEPS + 1)]
    below = [NORMAL.cdf(place) for place in places]
    density = [_simpson(number, PLANE_STEPS) * NORMAL.pdf(places[number]) for number in range(PLANE_STEPS + 1)]
    found = 0.0
    for width in range(PLANE_STEPS + 1):
        inside = (
            weight * (below[number + width] - below[number]) ** (count - 1) for number, weight in enumerate(density)
        )
        beyond = 1 - count * math.fsum(inside) * step / 3
        found += _simpson(width, PLANE_STEPS) * 2 * width * step * beyond
    return found * step / 3


@functools.cache
def range_freedom(count: int) -> float:
    """
    The degrees of freedom of an estimate of sigma from a range.

    W / sqrt(E W^2) is approximated by U with the v that gives the same expectation, after Patnaik, "The use of mean
    range as an estimator of variance in statistical tests", Biometrika 37 (1950). Exact for two values: 1.
    """
    wanted = range_mean(count) / math.sqrt(range_square(count))
    return 1.0 if count == 2 else _root(lambda freedom: _expected(freedom) - wanted, 1.0, 1e6)


def _expected(freedom: float) -> float:
    """E U."""
    return math.sqrt(2 / freedom) * math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function is 0; `high` where it is nowhere."""
    while high - low > PRECISION * max(1.0, low):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
