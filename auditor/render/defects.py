"""A defect of a release in one line: the operator or case, the condition, and the release that is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from ..factors.factors import FACTORS
from ..manifest.models import Finding
from ..quoting.inert import as_text
from .brief import whole_items

AGREES = ("same", "rounding")
"""Classes of the rule `within` that are no deviation."""
COLUMNS = 70
"""Columns of a line beside the severity, where there is no terminal to ask."""
LEAST_NAME = 12


def line(finding: Finding, columns: int = COLUMNS) -> str:
    """`CHECK: CASE and N more, (FACTOR); right in RELEASE`, within the columns where possible."""
    after = _condition(finding) + _right(finding)
    known = " (documented)" if finding.known in ("documented", "documented-and-cured") else ""
    names = _case(finding)
    start = f"{finding.check}{known}: "
    return start + _fitting(names, max(LEAST_NAME, columns - len(start) - len(after))) + after


def _case(finding: Finding) -> list[str]:
    """
    The values that deviate; the first part of the message if the evidence does not name them.

    In order of their names: the canonical JSON of a manifest sorts keys, and the report must be equal before and after.
    """
    names = sorted(set(_deviating(finding.evidence)))
    return names or [whole_items(finding.message, "report.md")]


def _deviating(evidence: Mapping[str, JsonValue]) -> Iterator[str]:
    for key in ("differing", "broken"):
        found = evidence.get(key)
        yield from found if isinstance(found, dict) else ()
    factors = evidence.get("factors")
    for names in factors.values() if isinstance(factors, dict) else ():
        yield from (str(name) for name in names) if isinstance(names, list) else ()
    classes = evidence.get("classes")
    yield from (name for name, how in classes.items() if how not in AGREES) if isinstance(classes, dict) else ()


def _condition(finding: Finding) -> str:
    """The factor that decides it, if one was shown to."""
    factors = finding.evidence.get("factors")
    told = [name for name in factors if name in FACTORS] if isinstance(factors, dict) else []
    return f" ({', '.join(told)})" if told else ""


def _right(finding: Finding) -> str:
    """The releases in which it was measured to be gone."""
    known = finding.evidence.get("releases")
    found: list[str] = []
    for one in known if isinstance(known, list) else ():
        passes = one.get("passes") if isinstance(one, dict) else None
        found += [as_text(release) for release in passes] if isinstance(passes, list) else []
    return f"; right in {', '.join(dict.fromkeys(found))}" if found else ""


def _fitting(names: Sequence[str], room: int) -> str:
    """As many names as fit, and the number of the others; at least the first, cut if it must be."""
    for shown in range(len(names), 0, -1):
        more = f" and {len(names) - shown} more" if shown < len(names) else ""
        text = ", ".join(names[:shown]) + more
        if len(text) <= room:
            return text
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0][: max(LEAST_NAME, room - len(more) - 1)].rstrip()}…{more}"
