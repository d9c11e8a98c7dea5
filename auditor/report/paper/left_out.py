"""What a manifest does not show, in one sentence: a reader must not take silence for agreement."""

from __future__ import annotations

from collections.abc import Iterator

from ...manifest.models import Predicate, Replay
from ...quoting.inert import shortened
from ...render import summary
from .numbers import counted

SHOWN = 3
ALWAYS = "other machines, drivers and releases"


def sentence(predicate: Predicate) -> str:
    """What was not compared or not measured."""
    return f"Not compared: {'; '.join(parts(predicate))}."


def parts(predicate: Predicate) -> list[str]:
    """The items of that sentence."""
    found = [item for one in predicate.replays for item in _of_replay(one)]
    if not (predicate.replays or predicate.claims):
        found.append("results of an experiment (no run of one is in the manifest)")
    return [*found, *_of_audit(predicate), ALWAYS]


def _of_replay(one: Replay) -> Iterator[str]:
    if one.not_compared is None:
        yield "what the replay left out (the manifest does not say it)"
        return
    for left in one.not_compared[:SHOWN]:
        yield f"{shortened(left.what, 80)} ({shortened(left.why, 160)})"
    if len(one.not_compared) > SHOWN:
        yield f"{len(one.not_compared) - SHOWN} more that the manifest lists"


def _of_audit(predicate: Predicate) -> Iterator[str]:
    unmeasured = summary.unmeasured(predicate.findings)
    if unmeasured:
        yield f"{counted(len(unmeasured), 'check')} that gave no result"
    asked = predicate.run.asked
    if asked and (asked.only or asked.skip):
        yield "checks that were not asked for"
    unseen = predicate.experiment.unseen if predicate.experiment else []
    if unseen:
        yield f"of the program, {shortened(unseen[0], 160)}" + (f" and {len(unseen) - 1} more" if unseen[1:] else "")
