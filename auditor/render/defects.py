"""A defect of a release in one line: the operator or case, the condition, and the release that is right."""

from __future__ import annotations

from collections.abc import Sequence

from ..factors.factors import FACTORS
from ..manifest.models import Finding
from ..manifest.queries import deviating
from ..quoting.inert import as_text
from .brief import whole_items

COLUMNS = 70
"""Columns of a line beside the severity, where there is no terminal to ask."""
LEAST_NAME = 12


def line(finding: Finding, columns: int = COLUMNS) -> str:
    """`CHECK: CASE and N more (FACTOR); right in RELEASE`, within the columns where possible."""
    after = _condition(finding) + _right(finding)
    known = " (documented)" if finding.known in ("documented", "documented-and-cured") else ""
    names = _case(finding)
    start = f"{finding.check}{known}: "
    return start + _fitting(names, max(LEAST_NAME, columns - len(start) - len(after))) + after


def _case(finding: Finding) -> list[str]:
    """The values that deviate; the first part of the message if the evidence does not name them."""
    return deviating(finding.evidence) or [whole_items(finding.message, "report.md")]


def _condition(finding: Finding) -> str:
    """The factors that were shown to decide it; those that no framework promises anything about are no condition."""
    factors = finding.evidence.get("factors")
    told = [name for name in factors if name in FACTORS and FACTORS[name].innocent] if isinstance(factors, dict) else []
    return f" ({', '.join(sorted(told))})" if told else ""


def _right(finding: Finding) -> str:
    """In which releases it was measured to be gone; with the case's name unless that is all that deviates."""
    names, known = deviating(finding.evidence), finding.evidence.get("releases")
    found: list[str] = []
    for one in known if isinstance(known, list) else ():
        name, passes = (one.get("name"), one.get("passes")) if isinstance(one, dict) else (None, None)
        if isinstance(name, str) and isinstance(passes, list):
            case = "" if all(each.startswith(name) for each in names) else f"{name} is "
            found.append(f"{case}right in {', '.join(as_text(release) for release in passes)}")
    return "".join(f"; {told}" for told in dict.fromkeys(found))


def _fitting(names: Sequence[str], room: int) -> str:
    """As many names as fit, and the number of the others; at least the first, cut if it must be."""
    for shown in range(len(names), 0, -1):
        more = f" and {len(names) - shown} more" if shown < len(names) else ""
        text = ", ".join(names[:shown]) + more
        if len(text) <= room:
            return text
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0][: max(LEAST_NAME, room - len(more) - 1)].rstrip()}…{more}"
