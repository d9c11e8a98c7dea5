"""The verdict as one JSON object: `urn:auditor:gate:v0.1`."""

from __future__ import annotations

import json

from ..verdict import Verdict


def render(verdict: Verdict) -> str:
    """The tree of results, and beside it the flat list of what counts against the manifest."""
    document = verdict.model_dump(mode="json", by_alias=True)
    document["counting"] = [one.model_dump(mode="json", by_alias=True) for one in verdict.counting()]
    return json.dumps(document, indent=2) + "\n"
