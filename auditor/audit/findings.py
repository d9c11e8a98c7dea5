"""Builds findings from verdicts and errors, and merges findings that report the same fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from .. import rules
from ..catalogue import releases
from ..catalogue.catalogue import CheckInfo
from ..manifest.models import Finding, Outcome, Reach, Reading
from ..manifest.queries import deviating
from .plan import Job

WORST_FIRST: tuple[Outcome, ...] = ("fail", "error", "inconclusive", "pass", "not-applicable")


@dataclass(frozen=True)
class Trouble:
    """Why one of a check's processes gave no reading."""

    outcome: Outcome
    reason: str
    job: Job
    detail: Mapping[str, JsonValue] = field(default_factory=dict)


def conclude(
    check: CheckInfo,
    readings: Sequence[Reading],
    troubles: Sequence[Trouble],
    asked: Sequence[Mapping[str, str]],
) -> Finding | rules.Ask:
    """
    The finding of one check, or a request for more arms.

    A measured deviation counts even if another process crashed; agreement then does not.
    """
    verdict = rules.judge(check, readings, asked) if readings else None
    if isinstance(verdict, rules.Ask):
        return verdict
    if troubles and (verdict is None or verdict.outcome != "fail"):
        return _from_trouble(check, min(troubles, key=lambda trouble: WORST_FIRST.index(trouble.outcome)))
    if verdict is None:
        return finding(
            check,
            rules.Verdict(
                "error", "no process answered or gave a reason; this is a defect of auditor, please report it"
            ),
        )
    if troubles:
        evidence = verdict.evidence | {"troubles": [f"{trouble.job.name}: {trouble.reason}" for trouble in troubles]}
        verdict = rules.Verdict(
            verdict.outcome, verdict.message, evidence, verdict.known, verdict.severity, verdict.contract
        )
    return finding(check, verdict)


def finding(check: CheckInfo, verdict: rules.Verdict) -> Finding:
    """The verdict as a finding, with title, severity and remedy of its check."""
    failed = verdict.outcome == "fail"
    evidence = dict(verdict.evidence)
    if verdict.contract:
        evidence["contract"] = verdict.contract
    if failed and (known := releases.of(check.id, deviating(evidence))):
        evidence["releases"] = [
            {"name": one.name, "fails": list(one.fails), "passes": list(one.passes)} for one in known
        ]
    return Finding(
        check=check.id,
        framework=check.framework,
        outcome=verdict.outcome,
        severity=verdict.severity or check.severity,
        kind=check.kind,
        reach=Reach(state="unknown") if failed and check.kind == "release" else None,
        known=verdict.known
        if failed and check.framework != "environment"
        else None,  # no framework documents a user's settings
        title=check.title,
        message=verdict.message,
        evidence=evidence,
        remedy=check.remedy if verdict.outcome not in ("pass", "not-applicable") else "",
        remedy_env=check.remedy_env if failed else {},
    )


def merge(found: Sequence[Finding], checks: Mapping[str, CheckInfo]) -> list[Finding]:
    """
    The findings of an audit, sorted, with one finding per fault.

    A failure that belongs to another contract (a training step that changes with the memory fill) is reported by that
    contract's check if it ran, and the check that saw it passes. Otherwise it stays with the check that saw it.
    """
    by_check = {item.check: item for item in found}
    for item in found:
        contract = item.evidence.get("contract")
        target = f"{item.framework}-{contract}"
        if not contract or target == item.check or target not in checks or target not in by_check:
            continue
        by_check[item.check] = _passed_on(item, target)
        if by_check[target].outcome != "fail":
            by_check[target] = _attributed(item, checks[target])
    return sorted(by_check.values(), key=lambda item: item.check)


def _passed_on(item: Finding, target: str) -> Finding:
    return item.model_copy(
        update={
            "outcome": "pass",
            "known": None,
            "reach": None,
            "message": f"results agree under the same conditions; {target} reports the difference under a factor",
            "remedy": "",
            "remedy_env": {},
        }
    )


def _attributed(item: Finding, owner: CheckInfo) -> Finding:
    evidence: dict[str, JsonValue] = {**item.evidence, "seen by": item.check}
    verdict = rules.Verdict("fail", f"seen by {item.check}: {item.message}", evidence, item.known)
    return finding(owner, verdict)


def _from_trouble(check: CheckInfo, trouble: Trouble) -> Finding:
    if trouble.outcome == "not-applicable":
        return finding(check, rules.Verdict("not-applicable", trouble.reason))
    settings = rules.settings_text(trouble.job.settings)
    where = f" (process {trouble.job.name}{f' with {settings}' if settings else ''})"
    evidence: dict[str, JsonValue] = {name: value for name, value in trouble.detail.items() if value}
    return finding(check, rules.Verdict(trouble.outcome, f"{trouble.reason}{where}", evidence))
