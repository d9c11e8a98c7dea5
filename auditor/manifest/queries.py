"""Selects and orders findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from ..factors.factors import FACTORS
from .models import SEVERITIES, Finding, Known, Outcome
from .program import about_program

KNOWN_ORDER: tuple[Known | None, ...] = ("undocumented", None, "documented", "documented-and-cured")
"""Order of findings: undocumented failures come first."""

OWN = "own-"
"""Prefix of the ids of a user's own checks (`--checks-from`)."""


def of_outcome(findings: Iterable[Finding], *outcomes: Outcome) -> list[Finding]:
    """The findings with these outcomes: by severity, undocumented before documented, then by id."""
    return sorted((finding for finding in findings if finding.outcome in outcomes), key=_rank)


def of_program(findings: Iterable[Finding]) -> list[Finding]:
    """Failures of the audited program itself: its operators and its seeds."""
    return [finding for finding in of_outcome(findings, "fail") if about_program(finding)]


def of_setup(findings: Iterable[Finding]) -> list[Finding]:
    """Failures that the user's environment decides; all failures of manifests without a kind."""
    failed = of_outcome(findings, "fail")
    return [finding for finding in failed if finding.kind != "release" and not about_program(finding)]


def of_release(findings: Iterable[Finding], *, reached: bool) -> list[Finding]:
    """Defects of releases that the user's program reaches, or those of which that is not known."""
    failed = [item for item in of_outcome(findings, "fail") if item.kind == "release" and not about_program(item)]
    return [item for item in failed if (item.reach is not None and item.reach.state == "reached") == reached]


def deviating(evidence: Mapping[str, JsonValue]) -> list[str]:
    """
    The names of the values that deviate, sorted, whatever rule wrote the evidence; empty if it names none.

    Names that a factor moves count only where no result may depend on the factor; others are recorded, no fault.
    """
    found = {name for key in ("differing", "broken", "parted") for name in _members(evidence.get(key))}
    for factor, names in _members(evidence.get("factors")).items():
        if factor not in FACTORS or FACTORS[factor].innocent:
            found |= {str(name) for name in names} if isinstance(names, list) else set()
    alike = evidence.get("alike")  # of values that must differ
    found |= {str(name) for name in alike} if isinstance(alike, list) else set()
    return sorted(found | {name for name, kind in _members(evidence.get("classes")).items() if kind == "beyond"})


def fixed_in(finding: Finding) -> list[str]:
    """The releases in which the defect was measured to be gone, as far as the finding's evidence names them."""
    known = finding.evidence.get("releases")
    found: dict[str, None] = {}
    for one in known if isinstance(known, list) else ():
        passes = one.get("passes") if isinstance(one, dict) else None
        found |= dict.fromkeys(name for name in (passes if isinstance(passes, list) else ()) if isinstance(name, str))
    return [*found]


def _members(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _rank(finding: Finding) -> tuple[int, int, str]:
    return SEVERITIES.index(finding.severity), KNOWN_ORDER.index(finding.known), finding.check


def environment_variables(findings: Iterable[Finding]) -> dict[str, dict[str, list[str]]]:
    """Variables that the remedies of failed checks set: name to value to the ids of the checks that ask for it."""
    wanted: dict[str, dict[str, list[str]]] = {}
    for finding in of_outcome(findings, "fail"):
        for name, value in sorted(finding.remedy_env.items()):
            wanted.setdefault(name, {}).setdefault(value, []).append(finding.check)
    return dict(sorted(wanted.items()))
