"""Whether a program was seen to seed a generator."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from ..trace.archive import Key, Trace
from ..trace.format import TEXTS, Record, Source
from ..trace.stream import Stream

FAMILIES = ("torch", "numpy", "random", "tensorflow", "jax", "keras")
NO_SEED = ("None", "")
"""The argument of a call that takes its seed from the system."""
TAKES_ENTROPY = ("torch.seed",)
GLOBAL = (*TAKES_ENTROPY, "random.seed", "numpy.random.seed")
"""Calls that seed a global generator, and take the system's entropy for it if no seed is given."""
MAKERS = ("random.Random", "numpy.random.default_rng", "numpy.random.SeedSequence")
"""Draws that are an instance's first: it took its seed from the system by itself."""


def family(name: str) -> str:
    """Which library's generators a seed call or a draw belongs to: `torch`, `numpy`, `python`, ..."""
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

    def seeded(self, key: Key, generator: str, before: int) -> bool:
        """
        Whether a seed was given to that library before this record, as far as is known.

        By the task itself before the record, or by another task of its process, or by a process that it comes from.
        """
        return any(not _takes_entropy(*call) for call in self._last(key, generator, before))

    def from_system(self, key: Key, generator: str, before: int) -> Source | None:
        """Where the library's global generator was last seeded from the system's entropy, if a seed call did that."""
        calls = self._last(key, generator, before)
        taken = (call for call in calls if call[0].name_of(call[1]) in GLOBAL and _takes_entropy(*call))
        return next((stream.source(call) for stream, call in taken), None)

    def _last(self, key: Key, generator: str, before: int) -> Iterator[tuple[Stream, Record]]:
        """Of each task from which the seed may come: the last seed call of the library."""
        for other, stream in self._trace.streams.items():
            if key.lineage != other.lineage and not key.lineage.startswith(f"{other.lineage}."):
                continue
            calls = _backwards(stream, before if other == key else stream.blocks)
            last = next((one for one in calls if family(stream.name_of(one)) == generator), None)
            if last is not None:
                yield stream, last


def _takes_entropy(stream: Stream, call: Record) -> bool:
    return stream.name_of(call) in TAKES_ENTROPY or stream.text(TEXTS, call.meta) in NO_SEED


def _backwards(stream: Stream, before: int) -> Iterator[Record]:
    places = stream.structure.seeds
    for place in range(bisect_left(places, before) - 1, -1, -1):
        yield stream.record(places[place])
