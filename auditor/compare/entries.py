"""
Splits facts into entries that are compared one by one: the entries of maps, the members of unordered lists.

An entry has the name `KEY/ENTRY`, which the table's rules match.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import JsonValue

from ..manifest.models import Fact, Frozen

State = Literal["value", "not-applicable", "unknown", "error", "absent", "not-recorded"]

ORDERED = ("python.path", "python.gc.thresholds", "python.time_zone", "python.warnings")
"""Keys of lists whose order matters."""
ORDERED_ENDS = (".devices", ".paths")
"""Key suffixes of such lists: a device's position is its number."""
MEMBERS = ("host.cpu.flags",)
"""Keys of lists whose members have separate effects."""
PAIRS = (
    *("python.conda_packages", "python.distributions.installers", "python.flags"),
    *("torch.build.settings", "tensorflow.build", "tensorflow.optimizer", "numpy.errors"),
)
"""Keys of lists of `NAME=VALUE`."""
PACKAGES = "host.packages"
"""The key of a list of `NAME VERSION`: with `=`, Debian's package `passwd` would look like a password."""
NOT_OF_THE_FILE = ("library", "path", "sha256_from", "identified_by")
"""Fields of a mapped library that do not identify the file: name, path, and how its digest was obtained."""
PRESENT = True
SEEDS = ("torch.seed", "torch.after.seed")
"""Seeds that a process draws if the program sets none."""
LARGEST_SET_SEED = 2**32 - 1
"""NumPy's largest seed. PyTorch draws from 2^53 or 2^64 values, so a drawn seed is below it once in a million."""
REDACTED: tuple[JsonValue, ...] = ({"redacted": True}, "<redacted>")
"""Placeholders of redacted secrets; two equal placeholders may stand for different secrets."""


class EntryState(Frozen):
    """State and value of one entry on one side."""

    state: State
    """A fact's state; `absent`: the map has no such entry; `not-recorded`: this side has no such fact."""
    value: JsonValue = None
    reason: str = ""


NOT_RECORDED = EntryState(state="not-recorded", reason="this side has no such fact")
ABSENT = EntryState(state="absent")


def of(key: str, fact: Fact | None) -> dict[str, EntryState]:
    """Entry name to its state; a fact that is not split has one entry with an empty name."""
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
    """Entry names with both states. A fact without a value is paired with the other side's whole fact."""
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
    """Whether the program set this seed. Drawn seeds are larger, or hexadecimal text if too large for JSON numbers."""
    return isinstance(seed, int) and 0 <= seed <= LARGEST_SET_SEED


def _pairs(texts: list[str]) -> dict[str, JsonValue] | None:
    found: dict[str, JsonValue] = {name: value for name, _, value in (text.partition("=") for text in texts)}
    return found if len(found) == len(texts) else None


def _libraries(value: list[JsonValue]) -> dict[str, JsonValue] | None:
    """File name to the fields that identify the file; None if two libraries have one name."""
    if not all(isinstance(item, dict) and isinstance(item.get("library"), str) for item in value):
        return None
    found: dict[str, JsonValue] = {
        str(item["library"]): {name: part for name, part in item.items() if name not in NOT_OF_THE_FILE}
        for item in value
        if isinstance(item, dict)
    }
    return found if len(found) == len(value) else None


def _runtimes(value: list[JsonValue]) -> dict[str, JsonValue] | None:
    """`KIND/FIELD` to value, since core names and thread counts have separate rules."""
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
    """A list of texts, sorted; any other value unchanged."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(value, key=str)
    return value
