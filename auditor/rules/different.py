"""The rule `different`: values repeat, and members of a list (seeds, epochs, workers) differ from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..catalogue.catalogue import CheckInfo
from ..manifest.models import Reading
from . import confidence
from .identical import identical
from .readings import compared, group, known, names_text
from .verdict import Ask, Verdict


def different(check: CheckInfo, readings: Sequence[Reading], asked: Sequence[Mapping[str, str]]) -> Verdict | Ask:
    """Members of each list are pairwise different, and all values, lists included, fulfil `identical`."""
    base = group(readings, {})
    lists = {name for reading in base for name, value in compared(reading).items() if isinstance(value, list)}
    if not lists:
        return Verdict("error", "no value is a list whose members must differ; this is a defect of the check")
    alike = sorted({name for reading in base for name, members in compared(reading).items() if _alike(members)})
    if alike:
        evidence = confidence.evidence(base) | {"alike": [*alike]}
        return Verdict(
            "fail", f"{names_text(alike)}: the same bits, but they must differ", evidence, known(check, alike)
        )
    return identical(check, readings, asked)


def _alike(members: object) -> bool:
    return isinstance(members, list) and len({repr(member) for member in members}) < len(members)
