"""The rule `identical`: readings have the same bits within a process, between processes, and across factors."""

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
    """Apply the rule; `asked` are the settings of the arms requested before, answered or not."""
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
    """Results differ under the same conditions: request the arms of the check's cure and explanations, then judge."""
    base = group(readings, {})
    between = not unstable_within(base)
    tried = [name for name in (check.cure, *check.explains) if name]
    needed = clean_runs_needed(min(unstable.values()))
    count = confidence.processes_needed(needed, 1 if between else check.repeats)
    arms = unasked(check, tried, asked, count, names=list(unstable))
    if arms:
        return Ask(
            arms,
            f"{names_text(list(unstable))}: results differ under the same conditions; measuring what cures it",
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
    """Effect of a cure: `identical`, `differs`, `not proven` (too few agreeing runs), or `not measured`."""
    arms = [group(readings, settings) for settings in arms_alone(name, check.fixed)]
    if not all(arms):
        return "not measured"
    if any(set(unstable) & set(unstable_names(members)) for members in arms):
        return "differs"
    enough = all((processes(members) if between else len(members)) >= needed for members in arms)
    complete = all(set(unstable) <= set(compared(reading)) for members in arms for reading in members)
    return "identical" if complete and enough else "not proven"


def _perturbed(check: CheckInfo, readings: Sequence[Reading], asked: Asked, names: Sequence[str]) -> Verdict | Ask:
    """Results differ in the pooled arm: request each of its factors alone, then judge."""
    alone = [{name: value} for name, value in pooled(check.fixed).items()]
    arms = tuple(Arm(settings) for settings in alone if settings not in [dict(old) for old in asked])
    if arms:
        return Ask(arms, "results differ when several factors change together; measuring each factor alone")
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
            f"{names_text(names)} differ when {together} change together, but not when one of them changes alone",
            evidence,
            known(check, names),
        )
    said = " and on ".join(FACTORS[name].meaning for name in guilty)
    message = f"results depend on {said}: {names_text(names)} differ although every seed is the same"
    return Verdict("fail", message, evidence, known(check, names), contract=FACTORS[next(iter(guilty))].contract)


def _depends(check: CheckInfo, moved: Mapping[str, Sequence[str]], readings: Sequence[Reading]) -> Verdict:
    """Results depend on one of the check's factors: a fault if no result may depend on it, else recorded."""
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
    return Verdict("pass", f"recorded, not a fault, since no framework promises equal results here: {said}", evidence)


def _moved_by(check: CheckInfo, readings: Sequence[Reading]) -> dict[str, list[str]]:
    """
    Factor to the names whose values it changes alone.

    Each value of a factor is compared with the unchanged processes. The values of a factor that one process can change
    while it runs are also compared with each other.
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
    """Factor to the names that it changes, without unstable names: one unstable name must not hide another fault."""
    moved = _moved_by(check, readings)
    base = group(readings, {})
    told = {name for names in moved.values() for name in names}
    if names := [name for name in changed_names(base, group(readings, pooled(check.fixed))) if name not in told]:
        moved["perturbed"] = names
    steady = {factor: sorted(set(names) - set(unstable)) for factor, names in moved.items()}
    return {factor: names for factor, names in steady.items() if names}


def _innocent(factor: str) -> bool:
    """Whether no result may depend on the factor; `perturbed` changes only such factors."""
    return factor not in FACTORS or FACTORS[factor].innocent


def _moved_message(factor: str, names: Sequence[str]) -> str:
    recorded = "" if _innocent(factor) else " (recorded, not a fault: no framework promises equal results here)"
    return f"; {names_text(names)} changes with {_meaning(factor)}{recorded}"


def _samples(readings: Sequence[Reading], names: Sequence[str]) -> dict[str, JsonValue]:
    """The differing samples of names that are entries of a table of operators, as evidence."""
    samples = operators.differing_samples(readings, names)
    return {"samples": operators.samples_text(readings, samples)} if samples else {}


def _meaning(factor: str) -> str:
    """A factor's meaning; `perturbed` stands for all pooled factors."""
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
    sure = (
        "" if bound is None else f"; a divergence rate up to {100 * bound:.0f} % would go unnoticed (95 % confidence)"
    )
    calls = f"{len(base)} readings" if len(base) > 1 else "1 reading"
    return f"{count} values agree bit for bit in {calls} of {processes(base)} unchanged processes{varied}{sure}"


def _unstable_message(
    base: Sequence[Reading], unstable: Collection[str], effects: Mapping[str, str], *, between: bool
) -> str:
    names = list(unstable)
    total, what = (processes(base), "processes") if between else (len(base), "calls with equal inputs")
    parts = [f"{name} gave {distinct(base, name)} different results in {total} {what}" for name in names[:NAMES_SHOWN]]
    if len(names) > NAMES_SHOWN:
        parts.append(f"and {len(names) - NAMES_SHOWN} more")
    told = ", ".join(f"{name}: {effect}" for name, effect in effects.items())
    return "; ".join(parts) + (f". Cures measured: {told}" if told else "")
