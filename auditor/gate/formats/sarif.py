"""
The verdict as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/. Accepted findings and those of the baseline are results with a
suppression: they are marked, and never dropped, so that a code host does not close and reopen their alerts.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ... import __version__
from ...quoting.inert import visible
from ..policy.source import Source
from ..rules.result import Result
from ..verdict import Verdict
from .places import Places, uri

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
BASELINE_STATES = {"new": "new", "worse": "updated", "unchanged": "unchanged"}
FINGERPRINT = "auditorResult/v1"
TITLES = {
    "finding": "A check failed",
    "check": "A check that a rule names failed",
    "required": "A required check was not measured",
    "replay": "A replayed experiment does not give the same bits",
    "fact": "A fact does not hold",
    "version": "A package is not as wanted",
    "framework": "A framework was not audited",
    "lock": "The environment is not as locked",
    "commit": "The manifest is about another commit",
    "clean": "The audited checkout had changes",
    "age": "The manifest is too old",
    "options": "The audit left out more than the policy allows",
    "comparable": "The baseline measured other things",
    "package": "A package changed against the baseline",
    "operators": "Results have other bits than in the baseline",
    "measured": "A check that the baseline measured was not measured",
    "findings": "There is nothing to judge",
    "differences": "A manifest does not record what is installed",
}
"""What a result of each kind of rule says."""


def render(verdict: Verdict, source: Source) -> str:
    """One run: a result for each failure and for what could not be measured."""
    shown = [*verdict.counting(), *verdict.excused()]
    rules = {rule_id(one): _rule(one) for one in shown}
    indices = {name: number for number, name in enumerate(rules)}
    places = Places(source)
    run = {
        "tool": {
            "driver": {
                "name": "auditor",
                "semanticVersion": f"{__version__}",
                "version": __version__,
                "rules": [*rules.values()],
            }
        },
        "automationDetails": {"id": "auditor/gate/"},
        "invocations": [{"executionSuccessful": True, "exitCode": verdict.exit_code}],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the checkout."}}},
        "results": [_result(one, indices, places.of(one), source, verdict) for one in shown],
        "properties": {
            "manifestSha256": [one.sha256 for one in verdict.manifests],
            "policySha256": verdict.policy.sha256,
            "vouchedFor": visible(verdict.vouched),
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def rule_id(result: Result) -> str:
    """The check's id for findings, else `gate/RULE`."""
    return visible(result.name) if result.rule in ("finding", "check") else f"gate/{result.rule}"


def _rule(result: Result) -> dict[str, Any]:
    title = TITLES[result.rule]
    text = visible(result.remedy) or f"{title}. The message of the result says what to do."
    return {
        "id": rule_id(result),
        "shortDescription": {"text": f"{title}: {visible(result.name)}" if result.rule == "finding" else title},
        "fullDescription": {"text": text},
        "help": {"text": text},
        "defaultConfiguration": {"level": _level(result)},
        "properties": {"tags": ["reproducibility", result.rule]},
    }


def _result(one: Result, indices: dict[str, int], place: Any, source: Source, verdict: Verdict) -> dict[str, Any]:
    identity = f"{one.rule}\0{one.name}"
    found: dict[str, Any] = {
        "ruleId": rule_id(one),
        "ruleIndex": indices[rule_id(one)],
        "kind": "fail",
        "level": _level(one),
        "message": {"text": _message(one)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri(place, source), "uriBaseId": "SRCROOT"},
                    "region": {"startLine": place.line},
                }
            }
        ],
        "partialFingerprints": {FINGERPRINT: hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()},
        "suppressions": _suppressions(one),
        "properties": {"rule": one.rule, "state": one.state, "severity": one.severity or "high"},
    }
    if verdict.baseline:  # all results or none have it; what is about this audit alone is new
        found["baselineState"] = BASELINE_STATES[one.standing or "new"]
    return found


def _level(result: Result) -> str:
    """What could not be measured is an error as well: it is required, and never a pass."""
    return LEVELS[result.severity or "high"]


def _message(result: Result) -> str:
    parts = [f"{result.name}: {result.reason}", *result.notes]
    if result.remedy:
        parts.append(f"What to do: {result.remedy}")
    return visible(". ".join(part.rstrip(".") for part in parts).replace("\n", " ")) + "."


def _suppressions(result: Result) -> list[dict[str, str]]:
    if result.accepted:
        why = f"{result.accepted.reason} ({result.accepted.owner}, until {result.accepted.expires})"
        return [{"kind": "external", "status": "accepted", "justification": visible(why)}]
    if result.in_baseline:
        return [{"kind": "external", "status": "accepted", "justification": "The baseline has it."}]
    return []
