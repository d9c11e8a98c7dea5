"""
What a user asks of a verified manifest beside its signature: its age, and what it is about.

A genuine manifest of last year, or of another commit, verifies for ever: only such claims tell that it was replayed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ..errors import UsageError
from ..manifest.strict_json import shown

AGE = re.compile(r"([0-9]{1,5})([dhm])")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far ahead of ours another machine's clock may be."""


@dataclass(frozen=True)
class Claims:
    """What must hold of a manifest; nothing by default."""

    max_age: timedelta | None = None
    """The longest time since the audit finished."""
    about: tuple[tuple[str, str, str], ...] = ()
    """Subjects that it must name: how the user named them, the digest's algorithm (`sha256`, `gitCommit`), its hex."""

    def problems(self, document: Mapping[str, Any], now: datetime | None = None) -> list[str]:
        """What does not hold of this manifest."""
        found = [] if self.max_age is None else _age(document, self.max_age, now or datetime.now(timezone.utc))
        stated = [subject.get("digest") for subject in document.get("subject", ()) if isinstance(subject, dict)]
        digests = [digest for digest in stated if isinstance(digest, dict)]
        return found + [
            f"the manifest is not about {shown(name)}: no subject has the {algorithm} {value}"
            for name, algorithm, value in self.about
            if not any(digest.get(algorithm) == value for digest in digests)
        ]


def age(text: str, option: str = "--max-age", undone: str = "Nothing was verified.") -> timedelta:
    """The time in `30d`, `12h` or `90m`, the value of an option. Raises UsageError, which says what was not done."""
    found = AGE.fullmatch(text)
    if found is None:
        raise UsageError(f"{shown(text)} is no age", f"{undone} Write {option} 30d, 12h or 90m.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _age(document: Mapping[str, Any], max_age: timedelta, now: datetime) -> list[str]:
    predicate = document.get("predicate")
    run = predicate.get("run") if isinstance(predicate, dict) else None
    text = run.get("finishedOn") if isinstance(run, dict) else None
    try:
        finished = datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except (TypeError, ValueError):
        return [f"the manifest does not say when its audit finished: {shown(text)}"]
    if finished > now + CLOCKS_DIFFER:
        return [f"the manifest's audit finished in the future ({text}): its clock or ours is wrong"]
    if now - finished > max_age:
        return [f"the manifest is too old: its audit finished on {text}, {(now - finished).days} days ago"]
    return []
