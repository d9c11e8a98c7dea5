"""The step of the whole run from which a resumed run goes on: the one that starts from the same weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .steps import Step

STATES = ("slots", "groups", "schedulers", "scalers")
"""What tells steps with equal weights apart: a warm-up may begin with a learning rate of 0."""


class Beginning(NamedTuple):
    """Where the resumed run goes on."""

    step: int
    """The number of steps of the whole run before it."""
    by_weights: bool
    """Whether the resumed run starts from the weights of that step; else from others, and `step` is an estimate."""


def beginning(whole: Sequence[Step], resumed: Sequence[Step], stopped_at: int) -> Beginning:
    """
    Where the first step of `resumed` belongs in `whole`; both have steps.

    `stopped_at` is the number of steps after which the run was stopped. It counts where the weights decide nothing.
    """
    first = resumed[0]
    found = [at for at, one in enumerate(whole) if one.weights == first.weights and one.optimizer == first.optimizer]
    if not found:
        return Beginning(min(stopped_at, len(whole) - 1), by_weights=False)

    def likeness(at: int) -> tuple[int, bool, int]:
        alike = sum(getattr(whole[at], name) == getattr(first, name) for name in STATES)
        return alike, whole[at].rows == first.rows, -abs(at - stopped_at)

    return Beginning(max(found, key=likeness), by_weights=True)
