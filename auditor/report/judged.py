"""A manifest judged by the gate without any policy of a project, for the formats that a gate writes."""

from __future__ import annotations

from pathlib import Path

from ..errors import ManifestError
from ..gate.policy.source import Source
from ..gate.policy.tables import Policy
from ..gate.rules.evidence import Checkout
from ..gate.verdict import Input, Verdict, judge
from .moment import finished
from .source import Reported

DEFAULTS = Source(Policy(), Path())
"""No file of the reader's project plays a part: a report says the same wherever it is made."""


def verdict(reported: Reported) -> Verdict:
    """The verdict under the defaults, at the time at which the audit finished. Raises ManifestError for no time."""
    predicate = reported.manifest.predicate
    if predicate.claims and not (predicate.findings or predicate.replays):
        raise ManifestError(
            "the manifest holds claims alone, and this format tells findings and replays",
            "Nothing was written. Use --format markdown, html, json or line.",
        )
    told = Input(
        name=reported.name,
        sha256=reported.sha256,
        told=reported.told,
        keyids=[reported.keyid] if reported.keyid else [],
    )
    now = finished(predicate.run.finished_on)
    return judge(DEFAULTS, (reported.manifest, [told]), None, checkout=Checkout(), now=now, fail_new=False)
