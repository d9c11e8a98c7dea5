"""Pure functions over readings that the rules share: grouping by settings, counting, comparing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..factors.factors import arms_across, arms_alone
from ..manifest.agreement import number
from ..manifest.models import Known, Reading
from .verdict import Arm

NAMES_SHOWN = 4
LACKING = "not in this release"
"""The condition in which a reading names the cases that its release lacks; `checks/lacking.py` writes it."""


def group(readings: Sequence[Reading], settings: Mapping[str, str]) -> list[Reading]:
    """The readings made under exactly these settings."""
    wanted = dict(settings)
    return [reading for reading in readings if reading.settings == wanted]


def without_steady(check: CheckInfo, readings: Sequence[Reading]) -> list[Reading]:
    """The readings, with only the varied settings: those of all the check's processes are removed."""
    return [reading.model_copy(update={"settings": _varied(check, reading.settings)}) for reading in readings]


def _varied(check: CheckInfo, settings: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if check.steady.get(name) != value}


def compared(reading: Reading) -> dict[str, JsonValue]:
    """The compared values: all except `conditions`."""
    return {name: value for name, value in reading.values.items() if name != "conditions"}


def conditions(reading: Reading) -> dict[str, JsonValue]:
    """What the measurement depended on, such as thread counts and canaries."""
    found = reading.values.get("conditions")
    return found if isinstance(found, dict) else {}


def lacking(readings: Sequence[Reading]) -> list[str]:
    """The cases that the audited release lacks (`checks/lacking.py`), each as "case (what is missing)"."""
    found: dict[str, JsonValue] = {}
    for reading in readings:
        told = conditions(reading).get(LACKING)
        found |= told if isinstance(told, dict) else {}
    return sorted(f"{name} ({what})" for name, what in found.items())


def processes(readings: Sequence[Reading]) -> int:
    """How many processes the readings come from."""
    return len({reading.process for reading in readings})


def unstable_names(readings: Sequence[Reading]) -> dict[str, float]:
    """
    Names that differ under the same conditions, each with its divergence rate against the first reading.

    The rate is k / (trials + 1), so that a single divergent trial does not give a rate of 1.
    """
    if not readings:
        return {}
    first = compared(readings[0])
    rates = {}
    for name in sorted({name for reading in readings for name in compared(reading)}):
        changed = sum(compared(reading).get(name) != first.get(name) for reading in readings[1:])
        if changed:
            rates[name] = changed / len(readings)
    return rates


def unstable_within(readings: Sequence[Reading]) -> bool:
    """Whether readings differ within any one process."""
    by_process: dict[str, list[Reading]] = {}
    for reading in readings:
        by_process.setdefault(reading.process, []).append(reading)
    return any(unstable_names(members) for members in by_process.values())


def changed_names(base: Sequence[Reading], other: Sequence[Reading]) -> list[str]:
    """Names whose value in any reading of `other` is not that of the (stable) base."""
    first = compared(base[0])
    names = {name for reading in other for name in {*compared(reading), *first}}
    return sorted(name for name in names if any(compared(reading).get(name) != first.get(name) for reading in other))


def distinct(readings: Sequence[Reading], name: str) -> int:
    """The number of distinct values of a name."""
    return len({repr(compared(reading).get(name)) for reading in readings})


def unasked(
    check: CheckInfo,
    factors: Collection[str],
    asked: Sequence[Mapping[str, str]],
    count: int = 1,
    names: Collection[str] = (),
) -> tuple[Arm, ...]:
    """The arms of these factors and cures that were not requested yet, restricted to the named values."""
    wanted = [settings for factor in factors for settings in arms_alone(factor, check.fixed)]
    left = [settings for settings in wanted if dict(settings) not in [dict(old) for old in asked]]
    return tuple(Arm(settings, count, tuple(names)) for settings in left)


def obstacle(check: CheckInfo, readings: Sequence[Reading]) -> str:
    """Why agreement is not evidence here; empty if it is."""
    base = group(readings, {})
    for reading in base:
        told = conditions(reading).get("obstacle")
        if isinstance(told, str) and told:
            return told
    for name, least in check.requires.items():
        seen = min((number(conditions(reading).get(name, 0)) for reading in base), default=0)
        if not seen >= least:
            return f"needs at least {least} {name}, but this process has {seen:g}, so agreement is not evidence"
    if "process" in check.across and processes(base) < 2:
        return "only one unchanged process answered, so nothing was compared between processes"
    if "repeat" in check.across and len(base) < 2:
        return "only one call answered, so nothing was compared"
    for name in check.across:
        for settings in arms_across(name, check.fixed):
            if not group(readings, settings):
                return f"no process with {settings_text(settings)} answered"
    return _canary_obstacle(readings) if "memory-fill" in check.across else ""


def _canary_obstacle(readings: Sequence[Reading]) -> str:
    """Why a memory fill is not evidence; it is only if a canary in the same process shows it."""
    for reading in readings:
        fill = reading.settings.get("memory-fill")
        if fill is None:
            continue
        shown = f"{255 - int(fill):02x}"
        canary = conditions(reading).get("canary")
        if not isinstance(canary, dict) or not canary:
            return "no canary shows that the memory fill reaches these buffers, so agreement is not evidence"
        if blind := sorted(name for name, seen in canary.items() if seen != shown):
            return f"the memory fill {fill} does not reach {names_text(blind)}, so agreement is not evidence there"
    return ""


def documented(check: CheckInfo, name: str) -> str:
    """Where the framework documents a deviation of this name or of its operator; empty if it does not."""
    for key in (name, name.partition(" ")[0], "*"):
        if key in check.documented:
            return check.documented[key]
    return ""


def documentation(check: CheckInfo, names: Sequence[str]) -> dict[str, JsonValue]:
    """The documented names with their sources, and the undocumented ones, for a finding's evidence."""
    told = {name: source for name in names if (source := documented(check, name))}
    return {"documented": {**told}, "undocumented": [name for name in names if name not in told]}


def known(check: CheckInfo, names: Collection[str], *, cured: bool = False) -> Known:
    """Whether the framework documents a deviation of all these names, and whether its cure was measured to work."""
    if all(documented(check, name) for name in names):
        return "documented-and-cured" if cured else "documented"
    return "undocumented"


def settings_text(settings: Mapping[str, str]) -> str:
    """Settings as text."""
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def names_text(names: Sequence[str]) -> str:
    """The first names, and the number of the others."""
    shown = ", ".join(names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown} and {len(names) - NAMES_SHOWN} more"
