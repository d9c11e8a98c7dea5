"""A manifest judged by the gate without any policy of a project, for the formats that a gate writes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..gate.policy.source import Source
from ..gate.policy.tables import Policy
from ..gate.rules.evidence import Checkout
from ..gate.verdict import Input, Verdict, judge
from .source import Reported

DEFAULTS = Source(Policy(), Path())
"""No file of the reader's project plays a part: a report says the same wherever it is made."""


def verdict(reported: Reported) -> Verdict:
    """The verdict under the defaults, at the time at which the audit finished."""
    told = Input(
        name=reported.name,
        sha256=reported.sha256,
        told=reported.told,
        keyids=[reported.keyid] if reported.keyid else [],
    )
    finished = dt.datetime.fromisoformat(reported.manifest.predicate.run.finished_on.replace("Z", "+00:00"))
    return judge(DEFAULTS, (reported.manifest, [told]), None, checkout=Checkout(), now=finished, fail_new=False)
