"""
Labels the result of each run at an origin: two runs have the same label if the origin does not show between them.

Runs under the same settings are compared with each other, pair by pair, since only that tells a difference which begins
at the origin from one that reaches it from elsewhere. Settings may lawfully change what comes before the origin; so
runs under different settings share a label only where every value at the origin is equal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...factors.factors import PLACEBO
from ..provenance.origin_model import STATEMENTS, Evidence, Origin
from ..runs.run import Run
from ..trace.archive import TaskKey, open_trace
from ..trace.format import DRAW, OP, OUTSIDE, REGION, SourceLine, TraceRecord
from .run_pair import RunPair, compare_runs
from .stake import Label

WITHOUT_INPUTS: Evidence = "first-to-differ"
"""Evidence of runs without details: an earlier difference would hide the origin, so any difference counts."""
VALUED: tuple[Evidence, ...] = ("same-inputs-other-outputs", "draw-unseeded", "outside", "other-order")
"""Evidence at which the records of the origin hold what differs; not at memory that is read later, nor at a branch."""
OTHER_STEPS = {"compile"}
"""Factors under which the step of the origin is another one: any difference counts, else each would make it vanish."""
DIGEST_BYTES = 8
Entry = tuple[str, SourceLine, int]
"""An operation by its name and line, and how many of these ran before it in its task."""
Key = tuple[tuple[str, str], ...]


@dataclass
class _Known:
    """The first run with a label, among those of the same settings."""

    label: Label
    run: Run
    values: bytes


@dataclass
class Labels:
    """The labels of one search; `base` is a run without any factor."""

    base: Run
    origin: Origin | None
    why: str = ""
    """Why the last run has no label."""
    _left: dict[Key, RunPair] = field(default_factory=dict)
    _known: dict[Key, list[_Known]] = field(default_factory=dict)
    _entered: dict[Key, set[int]] = field(default_factory=dict)
    """By settings: the digests of what came in where the origin's value first entered a framework, in their runs."""
    _entry: Entry | None = None
    _count: int = 0

    def of(self, run: Run, settings: Mapping[str, str]) -> Label | None:
        """The label; None if the run ended otherwise than the base run, or was not recorded whole."""
        self.why = self._obstacle(run)
        if self.why:
            return None
        self._note_entry(run, settings)
        group = self._group(settings)
        for known in group:
            compared = compare_runs(known.run, run, search=self._by_origin)
            shows = compared.differs if OTHER_STEPS & settings.keys() else self._shows(compared)
            if not compared.usable and not (compared.conclusive and shows):
                self.why = compared.note
                return None
            if not shows:
                if compared.differs:
                    self._left[key_of(settings)] = compared
                return known.label
        values = self._values(run)
        label = self._elsewhere(values, group)
        group.append(_Known(label, run, values))
        return label

    def _group(self, settings: Mapping[str, str]) -> list[_Known]:
        """The runs to compare with: those under the same settings; all of them where any difference counts."""
        return self._known.setdefault(key_of(settings) if self._by_origin else (), [])

    def left_under(self, values: Sequence[Mapping[str, str]]) -> RunPair | None:
        """The last pair of runs under one of these settings that differ, but not at the origin."""
        return next((self._left[key] for key in map(key_of, values) if key in self._left), None)

    def still_enters(self, values: Sequence[Mapping[str, str]]) -> bool:
        """
        Whether under one of these settings different values came in where the origin's value entered a framework.

        Then the origin, a value that Python took from outside, is not what differs there.
        """
        return any(len(self._entered.get(key_of(one), ())) > 1 for one in values)

    def _note_entry(self, run: Run, settings: Mapping[str, str]) -> None:
        """Note what came in at the same call of the same line as in the base run; nothing if it did not run."""
        if self.origin is None or self.origin.enters_at < 0:
            return
        if self._entry is None:
            self._entry = _entry(self.base, self.origin)
        found = _nth(run, self.origin.key, self._entry)
        if found is not None:
            self._entered.setdefault(key_of(settings), set()).add(found)

    @property
    def _by_origin(self) -> bool:
        return self.origin is not None and self.origin.evidence != WITHOUT_INPUTS

    def _shows(self, compared: RunPair) -> bool:
        return compared.holds(self.origin.identity) if self.origin and self._by_origin else compared.differs

    def _obstacle(self, run: Run) -> str:
        if run.timed_out:
            return "a run did not end in time"
        if run.exit_code != self.base.exit_code:
            return f"it ended with exit code {run.exit_code}, without the factor with {self.base.exit_code}"
        return run.problems[0] if run.problems else ""

    def _elsewhere(self, values: bytes, group: list[_Known]) -> Label:
        """The label of a run of other settings with equal values, if none of these settings has it; else a new one."""
        taken = {one.label for one in group}
        for other in self._known.values():
            for one in other:
                if values and one.values == values and one.label not in taken:
                    return one.label
        self._count += 1
        return self._count - 1

    def _values(self, run: Run) -> bytes:
        """A digest of all values that the origin gave in this run, in order; empty if none is known."""
        origin = self.origin
        if origin is None or origin.evidence not in VALUED:
            return b""
        found = hashlib.sha256()
        count = 0
        with open_trace(run.folder) as trace:
            stream = trace.streams.get(origin.key)
            for record in stream.records() if stream else ():
                if stream and _is_place(record) and stream.source(record).same_line(origin.source):
                    name = stream.name_of(record)
                    if name == origin.name or (name in STATEMENTS and origin.name in STATEMENTS):
                        found.update(record.digest.to_bytes(DIGEST_BYTES, "little"))
                        count += 1
        return found.digest() if count else b""


def key_of(settings: Mapping[str, str]) -> Key:
    """Settings without the placebo, as a key of a mapping."""
    return tuple(sorted((name, value) for name, value in settings.items() if name != PLACEBO))


def _entry(base: Run, origin: Origin) -> Entry:
    with open_trace(base.folder) as trace:
        stream = trace.streams[origin.key]
        record = next(stream.records(origin.enters_at))
        name, source = stream.name_of(record), stream.source(record)
        earlier = (one for one in stream.records(0, origin.enters_at) if one.kind == record.kind)
        count = sum(stream.name_of(one) == name and stream.source(one).same_line(source) for one in earlier)
    return name, source, count


def _nth(run: Run, key: TaskKey, entry: Entry) -> int | None:
    """The digest of what that operation gave in this run; None if it ran less often."""
    name, source, count = entry
    with open_trace(run.folder) as trace:
        stream = trace.streams.get(key)
        for one in stream.records() if stream else ():
            if (
                stream
                and one.kind in {OP, REGION}
                and stream.name_of(one) == name
                and stream.source(one).same_line(source)
            ):
                if not count:
                    return one.digest
                count -= 1
    return None


def _is_place(record: TraceRecord) -> bool:
    return record.kind in {OP, DRAW, OUTSIDE, REGION}
