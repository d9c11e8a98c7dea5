"""Rules about replays that stand in the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from ...manifest.models import Replay
from ...quoting.inert import shortened
from ..policy.tables import Replays
from .evidence import Evidence, leaves, one
from .globs import matches
from .result import Place, Result

WHOLE = "identical"


@dataclass(frozen=True)
class ReplaysHold:
    """No replay diverged, and those that are required are there."""

    wanted: Replays

    def judge(self, evidence: Evidence) -> Result:
        """One result per replay, and one per replay that is required and absent."""
        return leaves(self._each(evidence), "replays", "replays", "there are no replays, and none is required")

    def _each(self, evidence: Evidence) -> Iterator[Result]:
        replays = evidence.manifest.predicate.replays
        required = bool(self.wanted.require or self.wanted.commands)
        for replay in replays:
            yield answer(evidence, replay, self.wanted.runs, required=required)
        if len(replays) < self.wanted.require:
            told = f"the manifest has {len(replays)} replays, and {self.wanted.require} are required"
            yield one(evidence, rule="replay", name="replays", state="inconclusive", reason=told)
        for pattern in self.wanted.commands:
            if not any(matches(command_of(replay), pattern) for replay in replays):
                told = "no replay of such a command stands in the manifest"
                yield one(evidence, rule="replay", name=pattern, state="inconclusive", reason=told)


@dataclass(frozen=True)
class ReplayHolds:
    """A replay whose command matches a glob was identical: a rule of one's own."""

    pattern: str

    def judge(self, evidence: Evidence) -> Result:
        """The first such replay; inconclusive if there is none."""
        for replay in evidence.manifest.predicate.replays:
            if matches(command_of(replay), self.pattern):
                return answer(evidence, replay, 2, required=True)
        told = "no replay of such a command stands in the manifest"
        return one(evidence, rule="replay", name=self.pattern, state="inconclusive", reason=told)


def command_of(replay: Replay) -> str:
    """The command of a replay, its words joined by blanks."""
    return " ".join(replay.command)


def answer(evidence: Evidence, replay: Replay, runs: int, *, required: bool) -> Result:
    """Whether a replay was identical. One that was cut short, or had too few runs, is inconclusive where required."""
    state, reason = "pass", f"{replay.runs} runs were identical"
    unsure = "inconclusive" if required else "noted"
    if replay.verdict == "diverged":
        state, reason = "fail", f"its runs diverged: {_divergence(replay)}"
    elif replay.verdict == "inconclusive":
        state, reason = unsure, f"it is inconclusive: {'; '.join(replay.problems[:3]) or 'no reason is recorded'}"
    elif replay.partial:
        state, reason = unsure, f"it was cut short ({replay.partial}) before it was complete"
    elif replay.runs < runs:
        state, reason = unsure, f"it had {replay.runs} runs, and {runs} are wanted"
    remedy = replay.remedy.get("text")
    return one(
        evidence,
        rule="replay",
        name=shortened(command_of(replay)),
        state=state,
        reason=reason,
        remedy=remedy if isinstance(remedy, str) and state == "fail" else "",
        severity="high" if state == "fail" else None,
        observed=replay.verdict,
        where=_place(replay.divergence.get("source")),
    )


def _divergence(replay: Replay) -> str:
    told = [
        f"{word} {shortened(str(replay.divergence[key]))}"
        for key, word in (("op", "first at"), ("cause", "cause"))
        if replay.divergence.get(key)
    ]
    place = _place(replay.divergence.get("source"))
    return ", ".join(told + ([f"in {place.file} line {place.line}"] if place else [])) or "nothing more is recorded"


def _place(source: JsonValue) -> Place | None:
    """The line of the program in a divergence."""
    if not isinstance(source, dict):
        return None
    file, line = source.get("file"), source.get("line")
    if not isinstance(file, str) or not file or file.startswith("<"):
        return None
    return Place(file=file, line=line if isinstance(line, int) and line > 0 else 1)
