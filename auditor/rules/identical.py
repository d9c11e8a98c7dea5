"""All readings of one check hold the same bits: within a process, between processes, and across its factors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..confidence import clean_runs_needed, rate_bound_95
from ..factors.factors import FACTORS, IN_PROCESS, POOLED, arms_across, arms_alone, arms_of, pooled
from ..manifest.models import Reading
from . import confidence, operators
from .readings import (
    NAMES_SHOWN,
    changed_names,
    compared,
    distinct,
    documentation,
    group,
    known,
    names_text,
    obstacle,
    processes,
    unasked,
    unstable_names,
    unstable_within,
)
from .verdict import Arm, Ask, Verdict

Asked = Sequence[Mapping[str, str]]


def identical(check: CheckInfo, readings: Sequence[Reading], asked: Asked) -> Verdict | Ask:
    """The rule; `asked` are the settings that were asked for before, whether or not they answered."""
    base = group(readings, {})
    unstable = unstable_names(base)
    if unstable:
        return _unstable(check, readings, asked, unstable)
    moved = _moved_by(check, readings)
    pooled_moved = set(changed_names(base, group(readings, pooled(check.fixed))))
    if unexplained := sorted(pooled_moved - {name for names in moved.values() for name in names}):
        return _perturbed(check, readings, asked, unexplained)
    if moved:
        return _depends(check, moved, readings)
    if problem := obstacle(check, readings):
        return Verdict("inconclusive", problem, confidence.evidence(base))
    return Verdict("pass", _agreement_message(check, base), confidence.evidence(base))


def _unstable(
    check: CheckInfo, readings: Sequence[Reading], asked: Asked, unstable: Mapping[str, float]
) -> Verdict | Ask:
    """The same conditions gave other bits: ask whether the cure cures it, and what makes it vanish."""
    base = group(readings, {})
    between = not unstable_within(base)
    tried = [name for name in (check.cure, *check.explains) if name]
    needed = clean_runs_needed(min(unstable.values()))
    count = confidence.processes_needed(needed, 1 if between else check.repeats)
    arms = unasked(check, tried, asked, count, names=list(unstable))
    if arms:
        return Ask(
            arms, f"{names_text(list(unstable))}: other bits under the same conditions; what cures or explains it?"
        )
    effects = {name: _effect(check, readings, name, unstable, needed, between=between) for name in tried}
    moved = _moved_besides(check, readings, unstable)
    steady = {name for factor, names in moved.items() if _innocent(factor) for name in names}
    cured = effects.get(check.cure) == "identical" and not steady
    knowledge = known(check, {*unstable, *steady}, cured=cured)
    evidence: dict[str, JsonValue] = {
        "differing": {name: distinct(base, name) for name in unstable},
        "readings": len(base),
        "processes": processes(base),
        "where": "between processes" if between else "within one process",
        "under": dict(effects),
        "factors": {factor: list(names) for factor, names in moved.items()},
        **documentation(check, [*unstable, *sorted(steady)]),
        **_samples(readings, [*unstable, *sorted(steady)]),
    }
    message = _unstable_message(base, unstable, effects, between=between)
    message += "".join(_moved_message(factor, names) for factor, names in moved.items())
    return Verdict("fail", message, evidence, knowledge, "low" if knowledge == "documented-and-cured" else None)


def _effect(
    check: CheckInfo,
    readings: Sequence[Reading],
    name: str,
    unstable: Collection[str],
    needed: int,
    *,
    between: bool,
) -> str:
    """`identical`, `differs`, or `not proven` when too few clean runs were made to tell luck from cure."""
    arms = [group(readings, settings) for settings in arms_alone(name, check.fixed)]
    if not all(arms):
        return "not measured"
    if any(set(unstable) & set(unstable_names(members)) for members in arms):
        return "differs"
    enough = all((processes(members) if between else len(members)) >= needed for members in arms)
    complete = all(set(unstable) <= set(compared(reading)) for members in arms for reading in members)
    return "identical" if complete and enough else "not proven"


def _perturbed(check: CheckInfo, readings: Sequence[Reading], asked: Asked, names: Sequence[str]) -> Verdict | Ask:
    """The pooled arm moved the bits: bisect over its factors, each alone."""
    alone = [{name: value} for name, value in pooled(check.fixed).items()]
    arms = tuple(Arm(settings) for settings in alone if settings not in [dict(old) for old in asked])
    if arms:
        return Ask(arms, "a process with several innocent things changed gave other bits: which of them does it?")
    base = group(readings, {})
    members = {name: group(readings, {name: value}) for name, value in pooled(check.fixed).items()}
    guilty = {name: changed for name, found in members.items() if (changed := changed_names(base, found))}
    evidence: dict[str, JsonValue] = {
        "differing": list(names),
        "factors": {name: list(changed) for name, changed in guilty.items()},
        "readings": len(readings),
    }
    if not guilty:
        together = ", ".join(FACTORS[name].meaning for name in members)
        return Verdict(
            "fail",
            f"{names_text(names)} differ when {together} change together, and with none of them alone",
            evidence,
            known(check, names),
        )
    said = " and on ".join(FACTORS[name].meaning for name in guilty)
    message = f"the bits depend on {said}: {names_text(names)} differ though every seed is the same"
    return Verdict("fail", message, evidence, known(check, names), contract=FACTORS[next(iter(guilty))].contract)


def _depends(check: CheckInfo, moved: Mapping[str, Sequence[str]], readings: Sequence[Reading]) -> Verdict:
    """One of the check's own factors moved the bits: a fault, unless numbers may legitimately move with it."""
    said = "; ".join(f"{names_text(names)} changes with {FACTORS[factor].meaning}" for factor, names in moved.items())
    names = sorted({name for factor, changed in moved.items() if _innocent(factor) for name in changed})
    evidence: dict[str, JsonValue] = {
        "factors": {factor: list(changed) for factor, changed in moved.items()},
        "readings": len(readings),
        **documentation(check, names),
        **_samples(readings, names),
    }
    if names:
        return Verdict("fail", said, evidence, known(check, names))
    return Verdict("pass", f"recorded, since nobody promises otherwise: {said}", evidence)


def _moved_by(check: CheckInfo, readings: Sequence[Reading]) -> dict[str, list[str]]:
    """
    Factor to the names that it changed, where nothing else was changed.

    That is each value alone against the untouched processes, and for a factor that one process can change while it
    runs, its values there against each other.
    """
    base = group(readings, {})
    moved = {}
    for factor in check.across:
        alone = [reading for settings in arms_of(factor, check.fixed) for reading in group(readings, settings)]
        names = set(changed_names(base, alone))
        if factor in IN_PROCESS:
            arms = arms_across(factor, check.fixed)
            beside = [reading for settings in arms for reading in group(readings, settings)]
            names |= set(unstable_names(beside))
        if names:
            moved[factor] = sorted(names)
    return moved


def _moved_besides(check: CheckInfo, readings: Sequence[Reading], unstable: Collection[str]) -> dict[str, list[str]]:
    """What a factor moves among the names that are stable without it: one flickering name must not hide another."""
    moved = _moved_by(check, readings)
    base = group(readings, {})
    told = {name for names in moved.values() for name in names}
    if names := [name for name in changed_names(base, group(readings, pooled(check.fixed))) if name not in told]:
        moved["perturbed"] = names
    steady = {factor: sorted(set(names) - set(unstable)) for factor, names in moved.items()}
    return {factor: names for factor, names in steady.items() if names}


def _innocent(factor: str) -> bool:
    """Whether no result may depend on it; the perturbed process changes innocent things only."""
    return factor not in FACTORS or FACTORS[factor].innocent


def _moved_message(factor: str, names: Sequence[str]) -> str:
    recorded = "" if _innocent(factor) else " (recorded, since nobody promises otherwise)"
    return f"; {names_text(names)} changes with {_meaning(factor)}{recorded}"


def _samples(readings: Sequence[Reading], names: Sequence[str]) -> dict[str, JsonValue]:
    """Which samples of an operator's entry differ, if the names are entries of a table of operators."""
    samples = operators.differing_samples(readings, names)
    return {"samples": operators.samples_text(readings, samples)} if samples else {}


def _meaning(factor: str) -> str:
    """A factor for people; the perturbed process is all of its innocent changes at once."""
    if factor in FACTORS:
        return FACTORS[factor].meaning
    return " or ".join(FACTORS[name].meaning for name, _ in POOLED)


def _agreement_message(check: CheckInfo, base: Sequence[Reading]) -> str:
    count = len({name for reading in base for name in compared(reading)})
    factors = [name for name in check.across if name in FACTORS]
    if "perturbed" in check.across:
        factors += [name for name, _ in POOLED if name not in factors]
    varied = f", and when {', '.join(FACTORS[name].meaning for name in factors)} change" if factors else ""
    bound = rate_bound_95(len(base))
    sure = "" if bound is None else f"; a fault in under {bound:.0%} of runs can have stayed hidden"
    calls = f"{len(base)} readings" if len(base) > 1 else "1 reading"
    return f"{count} values agree bit for bit in {calls} of {processes(base)} untouched processes{varied}{sure}"


def _unstable_message(
    base: Sequence[Reading], unstable: Collection[str], effects: Mapping[str, str], *, between: bool
) -> str:
    names = list(unstable)
    total, what = (processes(base), "processes") if between else (len(base), "calls with equal inputs")
    parts = [f"{name} gave {distinct(base, name)} different results in {total} {what}" for name in names[:NAMES_SHOWN]]
    if len(names) > NAMES_SHOWN:
        parts.append(f"and {len(names) - NAMES_SHOWN} more")
    told = ", ".join(f"under {name}: {effect}" for name, effect in effects.items())
    return "; ".join(parts) + (f". Measured {told}" if told else "")
