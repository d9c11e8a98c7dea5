"""One row of the table of effects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Literal

Effect = Literal["changes", "may", "cannot"]
"""What a difference can do to numbers."""
CauseKind = Literal["framework", "library", "processor", "switch"]
"""What kind of cause a difference is: candidates are told in this order."""
Basis = Literal["source", "measured", "reasoning"]
"""What a rule stands on: somebody who says so, what this project measured, or an argument that nobody confirms."""

REASONING = "none: this is reasoning, for which no public source was found"
"""The `source` of a rule that stands on its reason alone."""
MEASURED = "measured: "
"""Beginning of the `source` of a rule that was measured here; then what was done and what came out."""


@dataclass(frozen=True)
class EffectRule:
    """The effect of a difference in the facts that its patterns meet."""

    patterns: tuple[str, ...]
    """Keys, `KEY/ENTRY` for an entry of a map; `*` stands for any characters. `.after` never stands in a key here."""
    effect: Effect
    reason: str
    """Why it has this effect."""
    source: str
    """Who says so: a document, a thread; else `MEASURED` and what was measured, or `REASONING`."""
    cause: CauseKind = "switch"
    """What kind of cause it is, where it changes numbers."""
    frameworks: tuple[str, ...] = ()
    """Whose numbers it can change; empty for those of its key's own framework, or else of all."""
    meets: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns once."""
        object.__setattr__(self, "meets", re.compile("|".join(translate(pattern) for pattern in self.patterns)))

    @property
    def basis(self) -> Basis:
        """What it stands on, told from its source."""
        if self.source == REASONING:
            return "reasoning"
        return "measured" if self.source.startswith(MEASURED) else "source"
