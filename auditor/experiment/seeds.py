"""The generators that a program draws from, and whether it seeded them at every draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..manifest.models import Seeding
from .tables import TableRow, source

NAMED = {"random": "python", "tf": "tensorflow", "torch draw (aten": "torch", "numpy": "numpy"}
OWN = ("numpy.random.default_rng", "numpy.random.SeedSequence", "random.Random")
"""Draws from the system's entropy by a generator that the program makes: no global seed cures them."""
NO_SEED = ("None", "")


@dataclass
class _Draws:
    draws: int = 0
    first: str = ""
    unseeded: str = ""
    seeds: list[str] = field(default_factory=list)


def seedings(tables: Sequence[TableRow]) -> list[Seeding]:
    """Each generator of the run, the unseeded ones first."""
    found: dict[str, _Draws] = {}
    for table in tables:
        for name, site, seeded, count, _ in table.draws:
            kept = found.setdefault(generator_of(name), _Draws())
            kept.draws += count
            kept.first = kept.first or site
            if not seeded and not kept.unseeded:
                kept.unseeded = site
        for name, site, text, _, _ in table.seeds:
            if text not in NO_SEED:
                found.setdefault(generator_of(name), _Draws()).seeds.append(site)
    made = [_seeding(name, kept) for name, kept in sorted(found.items()) if kept.draws]
    return sorted(made, key=lambda one: one.seeded)


def generator_of(name: str) -> str:
    """The generator of a draw or of a seed call."""
    if name.startswith(OWN):
        return "numpy generator" if name.startswith("numpy") else "python generator"
    first = name.partition("::")[0] if name.startswith("torch draw") else name.partition(".")[0]
    return NAMED.get(first, first.partition(" ")[0])


def _seeding(name: str, kept: _Draws) -> Seeding:
    file, line = source(kept.unseeded or kept.first)
    seeded_at = ""
    if kept.seeds:
        where, number = source(kept.seeds[0])
        seeded_at = f"{where}:{number}" if number else ""
    return Seeding(
        generator=name, seeded=not kept.unseeded, draws=kept.draws, file=file, line=line, seeded_at=seeded_at
    )
