"""One row of the table of effects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Literal

Effect = Literal["changes", "may", "cannot"]
"""The effect of a difference on numbers."""
CauseKind = Literal["framework", "library", "processor", "switch"]
"""The kind of cause; candidates are shown in this order."""
Basis = Literal["source", "measured", "reasoning"]
"""The evidence for a rule: a document, a measurement by this project, or reasoning without confirmation."""

REASONING = "none: this is reasoning, for which no public source was found"
"""The `source` of a rule that has only its reason."""
MEASURED = "measured: "
"""Prefix of the `source` of a rule that this project measured; method and result follow."""


@dataclass(frozen=True)
class EffectRule:
    """The effect of a difference in the facts that its patterns match."""

    patterns: tuple[str, ...]
    """Keys, `KEY/ENTRY` for an entry of a map; `*` stands for any characters. `.after` never stands in a key here."""
    effect: Effect
    reason: str
    """Why it has this effect."""
    source: str
    """A document or a thread; else `MEASURED` with the measurement, or `REASONING`."""
    cause: CauseKind = "switch"
    """The kind of cause, if it changes numbers."""
    frameworks: tuple[str, ...] = ()
    """The frameworks whose numbers it can change; empty: the framework of the key, or all."""
    meets: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns once."""
        object.__setattr__(self, "meets", re.compile("|".join(translate(pattern) for pattern in self.patterns)))

    @property
    def basis(self) -> Basis:
        """The kind of evidence, derived from `source`."""
        if self.source == REASONING:
            return "reasoning"
        return "measured" if self.source.startswith(MEASURED) else "source"
