"""What `audit --json` and `check --json` print: findings with their schema, version, counts and decimal numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from .. import __version__
from ..manifest.models import Finding, Part
from ..render import decimals, summary

SCHEMA = "urn:auditor:findings:v0.1"
"""The id of this shape; fields may be added to it, none is removed."""


def text(findings: Sequence[Finding], exit_code: int, **more: JsonValue) -> str:
    """One JSON object, indented: `more` holds what only one of the commands prints."""
    counts = Counter(finding.outcome for finding in findings)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "exitCode": exit_code,
        "verdict": summary.verdict(findings),
        "counts": {outcome: counts[outcome] for outcome in summary.OUTCOME_WORDS},
        "findings": dumped(findings),
        **more,
    }
    return json.dumps(document, indent=2)


def dumped(parts: Sequence[Part]) -> list[JsonValue]:
    """Parts of a manifest as JSON values, with decimal numbers beside hexadecimal ones."""
    return [decimals.beside(part.model_dump(mode="json", by_alias=True)) for part in parts]
