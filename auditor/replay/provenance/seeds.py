"""Whether a program seeded a generator, as far as its trace shows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from ..trace.archive import TaskKey, Trace
from ..trace.format import TEXTS, SourceLine, TraceRecord
from ..trace.stream import Stream

FAMILIES = ("torch", "numpy", "random", "tensorflow", "jax", "keras")
NO_SEED = ("None", "")
"""Arguments of a seed call that takes the system's entropy."""
TAKES_ENTROPY = ("torch.seed",)
GLOBAL = (*TAKES_ENTROPY, "random.seed", "numpy.random.seed")
"""Calls that seed a global generator, from the system's entropy if no seed is given."""
MAKERS = ("random.Random", "numpy.random.default_rng", "numpy.random.SeedSequence")
"""First draws of an instance that seeded itself from the system's entropy."""


def library_of(name: str) -> str:
    """The library whose generator a seed call or a draw uses: `torch`, `numpy`, `python`, ..."""
    first = name.partition(".")[0]
    if first == "random":
        return "python"
    if first == "tf":
        return "tensorflow"
    return first if first in FAMILIES else "torch" if "::" in name or name.startswith("inductor:") else first


class Seeds:
    """The seed calls of one trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def seeded(self, key: TaskKey, generator: str, before: int) -> bool:
        """
        Whether the library's generator had been given a seed before this record.

        By the task itself before the record, or at any time by another task of its process or of a parent process.
        """
        return any(not _takes_entropy(*call) for call in self._last(key, generator, before))

    def from_system(self, key: TaskKey, generator: str, before: int) -> SourceLine | None:
        """The line of the seed call that last seeded the global generator from the system's entropy, if one did."""
        calls = self._last(key, generator, before)
        taken = (call for call in calls if call[0].name_of(call[1]) in GLOBAL and _takes_entropy(*call))
        return next((stream.source(call) for stream, call in taken), None)

    def _last(self, key: TaskKey, generator: str, before: int) -> Iterator[tuple[Stream, TraceRecord]]:
        """The last seed call of the library in each task from which the seed may come."""
        for other, stream in self._trace.streams.items():
            if key.lineage != other.lineage and not key.lineage.startswith(f"{other.lineage}."):
                continue
            calls = _backwards(stream, before if other == key else stream.blocks)
            last = next((one for one in calls if library_of(stream.name_of(one)) == generator), None)
            if last is not None:
                yield stream, last


def _takes_entropy(stream: Stream, call: TraceRecord) -> bool:
    return stream.name_of(call) in TAKES_ENTROPY or stream.text(TEXTS, call.meta) in NO_SEED


def _backwards(stream: Stream, before: int) -> Iterator[TraceRecord]:
    places = stream.structure.seeds
    for place in range(bisect_left(places, before) - 1, -1, -1):
        yield stream.record(places[place])
