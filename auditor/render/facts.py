"""Facts as plain text for a terminal, grouped by subject."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from ..manifest.models import Fact
from ..quoting.inert import as_text, shortened, visible

MOST_CHARACTERS = 100
"""Characters of a value that are shown; `--json` has all of it."""


def text(facts: Mapping[str, Fact]) -> str:
    """One line per fact, grouped by the first word of its key; a fact without a value shows the reason."""
    lines = []
    for subject, keys in groupby(sorted(facts), key=lambda key: key.split(".")[0]):
        lines.append(f"\n{visible(subject)}")
        lines += [f"  {visible(key.removeprefix(subject + '.')):<44} {_shown(facts[key])}" for key in keys]
    return "\n".join(lines).lstrip("\n")


def _shown(fact: Fact) -> str:
    if fact.state != "value":
        return visible(f"({fact.state}: {fact.reason})")
    return visible(shortened(as_text(fact.value), MOST_CHARACTERS))
