"""Whether a program was seen to seed a generator."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from .records import TEXTS, Record
from .stream import Stream
from .trace import Key, Trace

FAMILIES = ("torch", "numpy", "random", "tensorflow", "jax", "keras")
NO_SEED = ("None", "")
"""The argument of a call that takes its seed from the system."""
TAKES_ENTROPY = ("torch.seed",)


def family(name: str) -> str:
    """Which library's generators a seed call or a draw belongs to: `torch`, `numpy`, `python`, ..."""
    first = name.partition(".")[0]
    if first == "random":
        return "python"
    if first == "tf":
        return "tensorflow"
    return first if first in FAMILIES else "torch" if "::" in name else first


class Seeds:
    """The seed calls of one trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def seeded(self, key: Key, generator: str, before: int) -> bool:
        """
        Whether a seed was given to that library before this record, as far as is known.

        By the task itself before the record, or by another task of its process, or by a process that it comes from.
        """
        for other, stream in self._trace.streams.items():
            own = other == key
            related = key.lineage == other.lineage or key.lineage.startswith(f"{other.lineage}.")
            if related and self._last(stream, generator, before if own else stream.blocks):
                return True
        return False

    def _last(self, stream: Stream, generator: str, before: int) -> bool:
        """Whether the last seed call of the library before that place gave a seed."""
        for record in _backwards(stream, before):
            name = stream.name_of(record)
            if family(name) == generator:
                return name not in TAKES_ENTROPY and stream.text(TEXTS, record.meta) not in NO_SEED
        return False


def _backwards(stream: Stream, before: int) -> Iterator[Record]:
    places = stream.structure.seeds
    for place in range(bisect_left(places, before) - 1, -1, -1):
        yield stream.record(places[place])
