"""
Facts taken apart into what can be compared one by one: maps entry by entry, lists without an order as maps of members.

An entry has the name `KEY/ENTRY`, which is what the table's rules meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import JsonValue

from ..manifest.models import Fact, Frozen

State = Literal["value", "not-applicable", "unknown", "error", "absent", "not-recorded"]

ORDERED = ("python.path", "python.gc.thresholds", "python.time_zone", "python.warnings")
"""Lists in which the order means something."""
ORDERED_ENDS = (".devices", ".paths")
"""Ends of keys of such lists: a device's place is its number."""
MEMBERS = ("host.cpu.flags",)
"""Lists whose members have effects of their own."""
PAIRS = (
    *("python.conda_packages", "python.distributions.installers", "python.flags"),
    *("torch.build.settings", "tensorflow.build", "tensorflow.optimizer", "numpy.errors"),
)
"""Lists of `NAME=VALUE`."""
PACKAGES = "host.packages"
"""A list of `NAME VERSION`: with an equals sign Debian's package `passwd` would look like a password."""
NOT_OF_THE_FILE = ("library", "path", "sha256_from", "identified_by")
"""What is told of a mapped library beside what identifies it: its name, its place, and how its digest was had."""
PRESENT = True
SEEDS = ("torch.seed", "torch.after.seed")
"""Seeds that a process draws anew when nobody sets one."""
LARGEST_SET_SEED = 2**32 - 1
"""NumPy takes none above it, so programs set none; PyTorch draws from 2^53 or 2^64, below it once in a million."""
REDACTED: tuple[JsonValue, ...] = ({"redacted": True}, "<redacted>")
"""What stands where a secret was: two of them may hide two different ones."""


class EntryState(Frozen):
    """What one side says about one entry."""

    state: State
    """A fact's state; `absent`: the map has no such entry; `not-recorded`: this side never asked."""
    value: JsonValue = None
    reason: str = ""


NOT_RECORDED = EntryState(state="not-recorded", reason="this side has no such fact")
ABSENT = EntryState(state="absent")


def of(key: str, fact: Fact | None) -> dict[str, EntryState]:
    """Entry to what is told of it; the entry of a fact that is not taken apart is the empty text."""
    if fact is None:
        return {"": NOT_RECORDED}
    if fact.state != "value":
        return {"": EntryState(state=fact.state, reason=fact.reason)}
    parts = _parts(key, fact.value)
    if parts is None:
        value = fact.value if _ordered(key) else _sorted(fact.value)
        return {"": EntryState(state="value", value=value)}
    return {entry: EntryState(state="value", value=value) for entry, value in parts.items()}


def paired(left: Mapping[str, EntryState], right: Mapping[str, EntryState]) -> list[tuple[str, EntryState, EntryState]]:
    """Entry and what both sides say of it. A fact without a value stands against the other side's whole fact."""
    if "" in left and "" in right:
        return [("", left[""], right[""])]
    if "" in left or "" in right:
        return [("", left.get("", _whole(left)), right.get("", _whole(right)))]
    return [(entry, left.get(entry, ABSENT), right.get(entry, ABSENT)) for entry in sorted({*left, *right})]


def _whole(parts: Mapping[str, EntryState]) -> EntryState:
    return EntryState(state="value", value={entry: told.value for entry, told in parts.items()})


def _parts(key: str, value: JsonValue) -> dict[str, JsonValue] | None:
    if isinstance(value, dict):
        return dict(value)
    if key in SEEDS:
        return {"set" if _is_set(value) else "drawn": value}
    if not isinstance(value, list):
        return None
    if key.endswith(".libraries.loaded"):
        return _libraries(value)
    if key.endswith(".libraries.runtimes"):
        return _runtimes(value)
    texts = [item for item in value if isinstance(item, str)]
    if len(texts) != len(value) or len(set(texts)) != len(texts):
        return None
    if key in MEMBERS:
        return dict.fromkeys(texts, PRESENT)
    if key == PACKAGES:
        return _pairs([text.replace(" ", "=", 1) for text in texts])
    return _pairs(texts) if key in PAIRS else None


def _is_set(seed: JsonValue) -> bool:
    """Whether somebody chose this seed. Those too large for JSON's numbers are hex text, and were drawn."""
    return isinstance(seed, int) and 0 <= seed <= LARGEST_SET_SEED


def _pairs(texts: list[str]) -> dict[str, JsonValue] | None:
    found: dict[str, JsonValue] = {name: value for name, _, value in (text.partition("=") for text in texts)}
    return found if len(found) == len(texts) else None


def _libraries(value: list[JsonValue]) -> dict[str, JsonValue] | None:
    """File name to what identifies the file; where it lies is another fact, and no two may share a name."""
    if not all(isinstance(item, dict) and isinstance(item.get("library"), str) for item in value):
        return None
    found: dict[str, JsonValue] = {
        str(item["library"]): {name: part for name, part in item.items() if name not in NOT_OF_THE_FILE}
        for item in value
        if isinstance(item, dict)
    }
    return found if len(found) == len(value) else None


def _runtimes(value: list[JsonValue]) -> dict[str, JsonValue] | None:
    """`KIND/FIELD`, since a core name and a number of threads have reasons of their own."""
    kinds = [item.get("kind") if isinstance(item, dict) else None for item in value]
    if not all(isinstance(kind, str) for kind in kinds):
        return None
    found: dict[str, JsonValue] = {}
    for item, kind in zip(value, kinds, strict=True):
        runtime: dict[str, Any] = item if isinstance(item, dict) else {}
        name = kind if kinds.count(kind) == 1 else f"{kind} in {runtime.get('library', 'no library')}"
        found |= {f"{name}/{part}": told for part, told in runtime.items() if part != "kind"}
    return found


def _ordered(key: str) -> bool:
    return key in ORDERED or key.endswith(ORDERED_ENDS)


def _sorted(value: JsonValue) -> JsonValue:
    """A list of texts in one order; anything else as it is."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(value, key=str)
    return value
