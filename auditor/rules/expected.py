"""The rule `expected`: every value is `{"expected": x, "observed": y}`, and x equals y."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..manifest.models import Reading
from .readings import NAMES_SHOWN, compared, group, known, names_text, obstacle
from .verdict import Ask, Verdict


def expected(check: CheckInfo, readings: Sequence[Reading], asked: Sequence[Mapping[str, str]]) -> Verdict | Ask:
    """Apply the rule; it never requests another arm."""
    del asked
    broken: dict[str, dict[str, JsonValue]] = {}
    total: set[str] = set()
    for reading in group(readings, {}):
        for name, value in compared(reading).items():
            if not isinstance(value, dict) or not {"expected", "observed"} <= value.keys():
                return Verdict(
                    "error", f"the reading of {name} lacks expected or observed; this is a defect of the check"
                )
            total.add(name)
            if value["expected"] != value["observed"]:
                broken.setdefault(name, value)
    if broken:
        return _broken(check, broken, total)
    if problem := obstacle(check, readings):
        return Verdict("inconclusive", problem)
    if not total:
        return Verdict("inconclusive", "the check measured no value, so nothing was compared")
    return Verdict("pass", f"{names_text(sorted(total))}: as expected", {"held": [*sorted(total)]})


def _broken(check: CheckInfo, broken: Mapping[str, dict[str, JsonValue]], total: set[str]) -> Verdict:
    told = "; ".join(
        f"{name}: expected {_text(value['expected'])}, observed {_text(value['observed'])}"
        for name, value in list(broken.items())[:NAMES_SHOWN]
    )
    more = f" (and {len(broken) - NAMES_SHOWN} more)" if len(broken) > NAMES_SHOWN else ""
    evidence: dict[str, JsonValue] = {"broken": dict(broken), "held": [*sorted(total - set(broken))]}
    return Verdict("fail", told + more, evidence, known(check, broken))


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else str(value)
