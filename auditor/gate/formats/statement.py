"""
The verdict as an in-toto test-result statement (https://in-toto.io/attestation/test-result/v0.1).

Its subject is the manifest; its configuration names the policy and the baseline, each with its digest.
"""

from __future__ import annotations

from typing import Any

from ...manifest.strict_json import canonical
from ..verdict import Input, Verdict

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
RESULTS = {0: "PASSED", 1: "FAILED", 3: "FAILED"}
"""What could not be measured is no pass."""


def payload(verdict: Verdict) -> bytes:
    """The canonical JSON of the statement, which is what is signed."""
    named = [("policy", verdict.policy)] + ([("baseline", verdict.baseline)] if verdict.baseline else [])
    failed = verdict.counting()
    document = {
        "_type": STATEMENT_TYPE,
        "subject": [*map(_manifest, verdict.manifests), *_commit(verdict.head)],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": RESULTS[verdict.exit_code],
            "configuration": [_resource(name, one) for name, one in named],
            "passedTests": [f"{one.rule} {one.name}" for one in verdict.results if one.state == "pass"],
            "warnedTests": [f"{one.rule} {one.name}" for one in verdict.excused()],
            "failedTests": [f"{one.rule} {one.name}" for one in failed],
        },
    }
    return canonical(document)


def _manifest(one: Input) -> dict[str, Any]:
    return {"name": "manifest", "digest": {"sha256": one.sha256}}


def _commit(head: str) -> list[dict[str, Any]]:
    return [{"name": "git:HEAD", "digest": {"gitCommit": head}}] if head else []


def _resource(name: str, one: Input) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": one.sha256}, "annotations": {"from": one.name}}
