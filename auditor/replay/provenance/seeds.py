"""Whether a program seeded a generator, as far as its trace shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from ..trace.archive import TaskKey, Trace
from ..trace.format import TEXTS, SourceLine, TraceRecord
from ..trace.stream import Stream

FAMILIES = ("torch", "numpy", "random", "tensorflow", "jax", "keras")
NO_SEED = ("None", "")
"""Arguments of a seed call that takes the system's entropy."""
TAKES_ENTROPY = ("torch.seed",)
GLOBAL = (*TAKES_ENTROPY, "random.seed", "numpy.random.seed")
"""Calls that seed a global generator, from the system's entropy if no seed is given."""
OWN = {"numpy.random.default_rng": "numpy generator", "torch.Generator": "torch generator"}
"""Names of seed records of generators that the program makes for itself, to what they are called."""


def library_of(name: str) -> str:
    """The library whose generator a seed call or a draw uses: `torch`, `numpy`, `python`, ..."""
    first = name.partition(".")[0]
    if first == "random":
        return "python"
    if first == "tf":
        return "tensorflow"
    return first if first in FAMILIES else "torch" if "::" in name or name.startswith("inductor:") else first


MOST_DIGITS = 20
"""Of a seed of 64 bits."""
SEEN_IN_STATE = ("torch.Generator", "torch.default_generator")
"""Names of seed records for which no call was seen: a generator held another seed when it drew."""
FAR_APART = 1 << 53
"""Two seeds of 64 bits from entropy are nearer once in 1,000 times; times in nanoseconds are, within 104 days."""


def seeded_by(name: str) -> str:
    """The generator that a seed record of this name seeds: the global one of a library, or one of the program's own."""
    return OWN.get(name) or library_of(name)


class Seeds:
    """The seed calls of one trace; `other` is the run that it is compared with, whose seeds may differ."""

    def __init__(self, trace: Trace, other: Trace | None = None) -> None:
        self._trace, self._other = trace, other

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

    def later(self, key: TaskKey, generator: str, after: int) -> SourceLine | None:
        """
        The line that gives the global generator its first seed, if the task does so only after this record.

        None too if the seed differs in the other run, or if what seeds last takes the system's entropy: such a call
        would be no cure before the draw either.
        """
        stream = self._trace.streams[key]
        found = [
            one
            for one in (stream.record(at) for at in _after(stream, after))
            if seeded_by(stream.name_of(one)) == generator
        ]
        if not found or _takes_entropy(stream, found[-1]):
            return None
        given = next(one for one in found if not _takes_entropy(stream, one))
        return stream.source(given) if self._is_equal_in_other(key, stream, given) else None

    def _is_equal_in_other(self, key: TaskKey, stream: Stream, call: TraceRecord) -> bool:
        other = self._other.streams.get(key) if self._other else None
        if other is None:
            return self._other is None
        wanted = _described(stream, call)
        return any(_described(other, other.record(at)) == wanted for at in other.structure.seeds)

    def _last(self, key: TaskKey, generator: str, before: int) -> Iterator[tuple[Stream, TraceRecord]]:
        """The last seed call of the library in each task from which the seed may come."""
        for other, stream in self._trace.streams.items():
            if key.lineage != other.lineage and not key.lineage.startswith(f"{other.lineage}."):
                continue
            calls = _backwards(stream, before if other == key else stream.blocks)
            last = next((one for one in calls if seeded_by(stream.name_of(one)) == generator), None)
            if last is not None:
                yield stream, last


def are_from_system(*sides: tuple[Stream, TraceRecord]) -> bool:
    """
    Whether the seeds of two runs, which no call gave, look like the system's entropy (`Generator.seed()`).

    A hash of a string looks like it too, so this decides what is tried first, and proves nothing.
    """
    texts = [stream.text(TEXTS, call.meta) for stream, call in sides if stream.name_of(call) in SEEN_IN_STATE]
    seeds = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS]
    return len(seeds) == len(sides) and min(seeds) >= FAR_APART and max(seeds) - min(seeds) >= FAR_APART


def _takes_entropy(stream: Stream, call: TraceRecord) -> bool:
    return stream.name_of(call) in TAKES_ENTROPY or stream.text(TEXTS, call.meta) in NO_SEED


def _described(stream: Stream, call: TraceRecord) -> tuple[object, ...]:
    return stream.name_of(call), stream.text(TEXTS, call.meta), stream.source(call)


def _after(stream: Stream, record: int) -> Sequence[int]:
    places = stream.structure.seeds
    return places[bisect_right(places, record) :]


def _backwards(stream: Stream, before: int) -> Iterator[TraceRecord]:
    places = stream.structure.seeds
    for place in range(bisect_left(places, before) - 1, -1, -1):
        yield stream.record(places[place])
