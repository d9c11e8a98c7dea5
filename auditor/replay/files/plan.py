"""
What is to be done after a run, so that the next one finds the same files. It is in the journal before it is done.

`planning` makes it; `perform` does only what is not done yet, so that it can be repeated after an end at any moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .tree import Stamp


@dataclass(frozen=True)
class Plan:
    """All that is done after one run. `Written` of the run, without what somebody else wrote, is its source."""

    run: int
    moves: Mapping[str, tuple[str, Stamp]] = field(default_factory=dict)
    """Path -> where it is kept, and its stamp after the run: what it made, and its version of what it changed."""
    puts: Sequence[str] = ()
    """Paths that get their copies back."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """New path -> old path, of files without a copy that the run renamed."""
    new_folders: Mapping[str, Stamp] = field(default_factory=dict)
    old_folders: Sequence[str] = ()
    """Folders that the run removed."""
    removed: Sequence[str] = ()
    """Entries that the run removed, other than folders."""
    touched: Mapping[str, Stamp] = field(default_factory=dict)
    """Folders from before the run in which it changed something, or whose mode it changed, as it left them."""
    lost: Sequence[str] = ()
    """What it changed or removed, and what has no copy."""
    uncertain: Sequence[str] = ()
    """Of `moves`: what has no counterpart among what the first run made, so that it may be somebody else's."""
    unfinished: bool = False
    """Whether we were ended during the run."""

    def as_json(self) -> dict[str, Any]:
        """For the journal."""
        return {
            **vars(self),
            "moves": {path: [to, list(one)] for path, (to, one) in self.moves.items()},
            "new_folders": {path: list(one) for path, one in self.new_folders.items()},
            "touched": {path: list(one) for path, one in self.touched.items()},
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Plan:
        """From the journal."""
        return cls(
            **{
                **value,
                "moves": {path: (to, Stamp(*one)) for path, (to, one) in value["moves"].items()},
                "new_folders": {path: Stamp(*one) for path, one in value["new_folders"].items()},
                "touched": {path: Stamp(*one) for path, one in value["touched"].items()},
            }
        )
