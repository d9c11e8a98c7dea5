"""The timestamp of every file of an image: the end of the audit, so that builds are reproducible."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from ...manifest.models import Manifest
from ...manifest.strict_json import shown
from .plan import Plan

EARLIEST_SECONDS = 315_532_800
"""1980-01-01, the first date of zip archives."""
LATEST_SECONDS = 4_102_444_800
"""2100-01-01; later times are from a wrong clock."""
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def choose(manifest: Manifest, plan: Plan) -> None:
    """SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/) from the manifest."""
    ended = finished(manifest)
    if ended is None:
        plan.epoch_seconds = EARLIEST_SECONDS
        plan.base_notes.append(
            f"ASSUMED: the audit ended at {shown(manifest.predicate.run.finished_on)}, which is no time; files get "
            "that of 1980-01-01."
        )
    else:
        plan.epoch_seconds = int(ended.timestamp())


def finished(manifest: Manifest) -> datetime | None:
    """The end of the audit; None for an invalid time."""
    text = manifest.predicate.run.finished_on
    if not TIME.fullmatch(text):
        return None
    try:
        found = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return found if EARLIEST_SECONDS <= found.timestamp() <= LATEST_SECONDS else None
