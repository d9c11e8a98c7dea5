"""In which releases a defect was measured, and in which it is gone: only what was measured with this project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Measured(NamedTuple):
    """One defect in several releases."""

    check: str
    """The check that finds it."""
    name: str
    """The beginning of the names of its values: the operator or the case."""
    fails: tuple[str, ...]
    """Releases that have it."""
    passes: tuple[str, ...]
    """Releases that do not."""


MEASURED: tuple[Measured, ...] = (
    Measured("jax-compiled-eager", "vmap", ("jaxlib 0.10.2",), ("jaxlib 0.10.1",)),
    Measured("torch-uninitialised", "lstsq", ("torch 2.13.0",), ("torch 2.14.1",)),
)
"""Every defect that was measured in more than one release."""


def of(check: str, names: Iterable[str]) -> list[Measured]:
    """What is known about the failed values of a check."""
    failed = list(names)
    return [one for one in MEASURED if one.check == check and any(name.startswith(one.name) for name in failed)]
