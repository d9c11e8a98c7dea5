"""The parts of a report that every format tells alike: evidence, facts by subject, and what was varied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from ..factors.factors import CONFIRM
from ..manifest.models import Fact, PrivacyMode, Reading
from ..quoting.inert import as_text, shortened

FACT_CHARACTERS = 120
SUBJECTS = ("Versions and builds", "Devices", "Switches", "CPU and memory", "System and Python", "Configuration of JAX")
OF_JAX = "Configuration of JAX"
"""Hundreds of facts, and so last."""
DEVICE_WORDS = frozenset(("accelerators", "device", "devices", "driver", "gpu", "nvidia"))
BUILD_WORDS = frozenset(("build", "compiler", "git_version", "version"))
PRIVACY: dict[PrivacyMode, str] = {
    "tokenised": "host and user names, addresses and serial numbers are keyed digests",
    "identified": "host and user names, addresses and serial numbers are written as they are",
    "anonymous": "for blind review: no names, no paths, a one-time key",
}
"""What each mode of privacy means."""
IN_TABLES_OF_THEIR_OWN = ("python.distributions", "env")


def evidence(evidence: Mapping[str, JsonValue]) -> str:
    """Evidence as short text, without empty entries."""
    return shortened(as_text({name: value for name, value in evidence.items() if value not in ({}, [], "", None)}))


def changed(defaults: Mapping[str, Fact], facts: Mapping[str, Fact]) -> list[tuple[str, str, str]]:
    """The facts that the set-up file changed: key, value without it, value in this audit."""
    return [(key, _state(default), _state(facts[key])) for key, default in sorted(defaults.items()) if key in facts]


def _state(fact: Fact) -> str:
    return shortened(as_text(fact.value)) if fact.state == "value" else fact.state


def by_subject(facts: Mapping[str, Fact]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Facts with a value: subject to rows of key, value and source."""
    rows: dict[str, list[tuple[str, str, str]]] = {subject: [] for subject in SUBJECTS}
    for key, fact in sorted(facts.items()):
        if fact.state == "value" and key not in IN_TABLES_OF_THEIR_OWN:
            rows[_subject(key)].append((key, shortened(as_text(fact.value), FACT_CHARACTERS), fact.source))
    return [(subject, found) for subject, found in rows.items() if found]


def _subject(key: str) -> str:
    parts = key.split(".")
    if key.startswith("jax.config."):
        return OF_JAX
    if not DEVICE_WORDS.isdisjoint(parts):
        return "Devices"
    if key.startswith(("host.cpu.", "host.memory.", "host.numa.", "host.cgroup.")):
        return "CPU and memory"
    if not BUILD_WORDS.isdisjoint(parts) or key.startswith(("host.os.", "host.libc.")):
        return "Versions and builds"
    return "System and Python" if parts[0] in ("host", "python", "env", "git") else "Switches"


def without_value(facts: Mapping[str, Fact]) -> dict[str, list[tuple[str, str]]]:
    """Facts without a value: state to rows of key and reason."""
    found: dict[str, list[tuple[str, str]]] = {"error": [], "unknown": [], "not-applicable": []}
    for key, fact in sorted(facts.items()):
        if fact.state != "value":
            found[fact.state].append((key, shortened(fact.reason)))
    return found


def distributions(facts: Mapping[str, Fact]) -> list[tuple[str, str, str]]:
    """Rows of name, version and origin."""
    fact = facts.get("python.distributions")
    found = fact.value if fact is not None and isinstance(fact.value, dict) else {}
    rows = []
    for name, entry in sorted(found.items()):
        details = entry if isinstance(entry, dict) else {"version": entry}
        rows.append((name, as_text(details.get("version")), as_text(details.get("origin", "index"))))
    return rows


def variables(facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    """Rows of an environment variable that can change results, and its value."""
    fact = facts.get("env")
    found = fact.value if fact is not None and isinstance(fact.value, dict) else {}
    return [(name, shortened(as_text(value), FACT_CHARACTERS)) for name, value in sorted(found.items())]


def arms(readings: Sequence[Reading]) -> list[tuple[str, int, int]]:
    """Rows of changed settings, number of processes, number of readings; unchanged processes first."""
    groups: dict[str, list[Reading]] = {}
    for reading in readings:
        confirms = CONFIRM in reading.settings
        name = "drawn by a coin, to confirm a suspect" if confirms else _settings(reading.settings.items())
        groups.setdefault(name, []).append(reading)
    return [(name, len({one.process for one in group}), len(group)) for name, group in sorted(groups.items())]


def _settings(settings: Iterable[tuple[str, str]]) -> str:
    return shortened(", ".join(f"{name} {value}" for name, value in sorted(settings)))
