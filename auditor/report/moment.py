"""The moments that a manifest states, for formats that need them as times."""

from __future__ import annotations

import datetime as dt

from ..errors import ManifestError
from ..quoting.inert import shortened


def finished(told: str) -> dt.datetime:
    """The moment in `finishedOn`, in UTC. Raises ManifestError if it is none."""
    found = parsed(told)
    if found is None:
        raise ManifestError(
            f"the manifest's finishedOn is no time: {shortened(told)!a}",
            "Nothing was written. Report it as html or markdown, or make another audit.",
        )
    return found


def parsed(told: str) -> dt.datetime | None:
    """The moment in a text of ISO 8601, in UTC; None if it is none."""
    try:
        found = dt.datetime.fromisoformat(told.replace("Z", "+00:00"))
        return found.astimezone(dt.timezone.utc) if found.tzinfo else found.replace(tzinfo=dt.timezone.utc)
    except (ValueError, OverflowError):
        return None


def written(moment: dt.datetime) -> str:
    """As RFC 3339, to the second, with a numeric offset: the shapes of Process Run Crate know no `Z`."""
    return moment.isoformat(timespec="seconds")
