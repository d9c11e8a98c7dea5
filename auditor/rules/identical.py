"""
The rule `identical`: readings have the same bits within a process, between processes, and across factors.

Steps, each from all readings so far:

1. Names that differ in the perturbed process only: request each of its factors alone.
2. Names that differ under an innocent factor are suspects (`suspects.py`): request the confirmation by coin.
3. Names that differ under equal conditions, and cleared suspects, are unstable: request the arms of the check's cure.
4. Judge: confirmed factors are named, unstable names have no established cause.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..factors.factors import CONFIRM, FACTORS, RATE, arms_across, arms_alone, arms_of, pooled
from ..manifest.models import SEVERITIES, Known, Reading, Severity
from . import confidence, instability, suspects, wording
from .instability import Instability
from .readings import (
    changed_names,
    compared,
    documentation,
    group,
    known,
    names_text,
    obstacle,
    processes,
    unasked,
    unstable_names,
)
from .suspects import PERTURBED, Confirmation
from .verdict import Arm, Ask, Verdict

Asked = Sequence[Mapping[str, str]]
NOT_REPEATABLE: Severity = "high"
"""Severity at most of a result that differs for no established cause: other bits, but not known to be wrong."""
EXACT = "exact: "
"""Start of the names of values whose arithmetic is exact: if a factor changes one, one of its results is wrong."""
MORE_PROCESSES = 6
"""Unchanged processes that are added where two give no useful bound on the rate."""


def identical(check: CheckInfo, readings: Sequence[Reading], asked: Asked) -> Verdict | Ask:
    """Apply the rule; `asked` are the settings of the arms requested before, answered or not."""
    first = suspects.without_confirmations(readings)
    base = group(first, {})
    unexplained = _only_together(check, first)
    if arms := _each_alone(check, asked) if unexplained else ():
        return Ask(arms, "results differ when several factors change together; measuring each factor alone")
    found = [*suspects.across(check, first), *suspects.among_pooled(check, first, unexplained)]
    if found and not suspects.was_asked([*asked, *(reading.settings for reading in readings)]):
        count = suspects.suspected_names(found)
        return Ask((), f"{count} suspects: measuring in fresh processes, with arms drawn by a coin", tuple(found))
    told = [suspects.confirmation(suspect, readings) for suspect in found]
    unstable = _not_repeatable(check, readings, _names(_confirmed(told)))
    if unstable:
        return _unstable(check, readings, asked, unstable, told)
    if moved := _confirmed(told) | _recorded(check, first):
        return _depends(check, moved, readings, told)
    if problem := obstacle(check, first):
        return Verdict("inconclusive", problem, confidence.evidence(base))
    return Verdict("pass", wording.agreement_message(check, base), confidence.evidence(base))


# ------------------------------------------------------------------------------------------------------ what differs


def _only_together(check: CheckInfo, readings: Sequence[Reading]) -> list[str]:
    """Names that differ in the perturbed process, and under no factor that the check varies alone."""
    base = group(readings, {})
    changed = changed_names(base, group(readings, pooled(check.fixed)))
    told = {name for suspect in suspects.across(check, readings) for name in suspect.names}
    return [name for name in changed if name not in told and name not in unstable_names(base)]


def _each_alone(check: CheckInfo, asked: Asked) -> tuple[Arm, ...]:
    """The arms of the pooled factors alone that were not requested yet."""
    arms = [settings for found in suspects.alone(check).values() for settings in found]
    return tuple(Arm(settings) for settings in arms if dict(settings) not in [dict(old) for old in asked])


def _not_repeatable(
    check: CheckInfo, readings: Sequence[Reading], confirmed: Collection[str]
) -> dict[str, Instability]:
    """
    Names that differ under equal conditions, or under innocent factors that are not confirmed to decide it.

    A reading that was asked for other names says nothing about a name. In the arms of the first round all were asked
    for, so a missing value is another result.
    """
    whole = [{}, *(dict(arm) for factor in check.across for arm in arms_across(factor, check.fixed))]
    innocent = [one for one in readings if all(name == CONFIRM or wording.innocent(name) for name in one.settings)]
    told = [(one, compared(one)) for one in innocent]
    found = {}
    for name in sorted({name for _, values in told for name in values}):
        members = [(one, values.get(name)) for one, values in told if name in values or one.settings in whole]
        same = [pair for pair in members if pair[0].settings in ({}, {CONFIRM: RATE})]
        chosen = same if _differ(same) else members
        if _differ(chosen) and (chosen is same or name not in confirmed):
            found[name] = instability.of([(one.process, value) for one, value in chosen], plain=chosen is same)
    return found


def _differ(members: Sequence[tuple[Reading, JsonValue]]) -> bool:
    return any(value != members[0][1] for _, value in members)


def _names(moved: Mapping[str, Sequence[str]]) -> set[str]:
    return {name for names in moved.values() for name in names}


def _confirmed(told: Sequence[Confirmation]) -> dict[str, list[str]]:
    """Factor to the names that followed it."""
    moved: dict[str, list[str]] = {}
    for one in told:
        if one.confirmed:
            moved[one.suspect.factor] = sorted({*moved.get(one.suspect.factor, ()), *one.confirmed})
    return moved


def _recorded(check: CheckInfo, readings: Sequence[Reading]) -> dict[str, list[str]]:
    """Factor to the names that change with it, for factors on which results may depend."""
    base = group(readings, {})
    moved = {}
    for factor in check.across:
        if factor in FACTORS and not wording.innocent(factor):
            alone = [reading for settings in arms_of(factor, check.fixed) for reading in group(readings, settings)]
            if names := set(changed_names(base, alone)) - set(unstable_names(base)):
                moved[factor] = sorted(names)
    return moved


# ---------------------------------------------------------------------------------------------------------- verdicts


def _unstable(
    check: CheckInfo,
    readings: Sequence[Reading],
    asked: Asked,
    unstable: Mapping[str, Instability],
    told: Sequence[Confirmation],
) -> Verdict | Ask:
    """
    Results differ under equal conditions: request the arms of the check's cure and explanations, then judge.

    What the framework documents needs no explanation: its arms would be a process each, ten for Keras' draws.
    """
    explained = known(check, unstable) == "documented"
    tried = [name for name in (check.cure, *(() if explained else check.explains)) if name]
    if ask := _more(check, tried, asked, unstable):
        return ask
    effects = {
        name: instability.effect([group(readings, arm) for arm in arms_alone(name, check.fixed)], unstable)
        for name in tried
    }
    moved = _confirmed(told)
    recorded = _recorded_besides(check, readings, unstable)
    steady = _names(moved) - set(unstable)
    cured = effects.get(check.cure) == "identical" and not steady
    knowledge = known(check, {*unstable, *steady}, cured=cured)
    base = group(readings, {})
    between = all(one.per_process for one in unstable.values())
    evidence: dict[str, JsonValue] = {
        "differing": {name: one.results for name, one in unstable.items()},
        "trials": {name: f"{one.trials} {one.unit}" for name, one in unstable.items()},
        "readings": len(base),
        "processes": processes(base),
        "where": "between processes" if between else "within one process",
        "under": dict(effects),
        "factors": {factor: list(names) for factor, names in (moved | recorded).items()},
        **wording.told_evidence(told),
        **documentation(check, [*unstable, *sorted(steady)]),
        **wording.samples(readings, [*unstable, *sorted(steady)]),
    }
    open_names = set(unstable) - _names(moved)
    message = instability.message(unstable, effects)
    if open_names and "identical" not in effects.values() and not (explained and check.explains):
        message += wording.no_cause(told, open_names)
    message += "".join(wording.moved_message(factor, names) for factor, names in (moved | recorded).items())
    message += wording.of_all(base)
    return Verdict("fail", message, evidence, knowledge, _severity(check, knowledge, blamed=bool(moved)))


def _severity(check: CheckInfo, knowledge: Known, *, blamed: bool) -> Severity | None:
    """The severity of unstable results; None for the check's own."""
    if knowledge == "documented-and-cured":
        return "low"
    of_a_factor = any(factor == PERTURBED or wording.innocent(factor) for factor in check.across)
    return NOT_REPEATABLE if of_a_factor and not blamed and _milder(NOT_REPEATABLE, check.severity) else None


def _more(check: CheckInfo, tried: Sequence[str], asked: Asked, unstable: Mapping[str, Instability]) -> Ask | None:
    """The arms that judging a cure needs: more unchanged processes where the rate is too unsure, then its own."""
    names = list(unstable)
    if not unasked(check, tried, asked):
        return None
    needed = max(one.processes_needed(check.repeats) for one in unstable.values())
    if needed > confidence.MOST_PROCESSES and {CONFIRM: RATE} not in [dict(old) for old in asked]:
        return Ask(
            (Arm({CONFIRM: RATE}, MORE_PROCESSES, tuple(names)),),
            f"{names_text(names)}: results differ under the same conditions; measuring how often",
        )
    count = min(needed, confidence.MOST_PROCESSES)
    return Ask(
        unasked(check, tried, asked, count, names=names),
        f"{names_text(names)}: results differ under the same conditions; measuring what cures it",
    )


def _depends(
    check: CheckInfo, moved: Mapping[str, Sequence[str]], readings: Sequence[Reading], told: Sequence[Confirmation]
) -> Verdict:
    """Results depend on a factor: a fault if no result may depend on it, or if they are exact; else recorded."""
    said = "; ".join(
        f"{names_text(names)} {wording.changes(names)} with {wording.meaning(factor)}"
        for factor, names in moved.items()
    )
    names = sorted(
        {
            name
            for factor, changed in moved.items()
            for name in changed
            if wording.innocent(factor) or name.startswith(EXACT)
        }
    )
    evidence: dict[str, JsonValue] = {
        "factors": {factor: list(changed) for factor, changed in moved.items()},
        "readings": len(readings),
        **wording.told_evidence(told),
        **documentation(check, names),
        **wording.samples(readings, names),
    }
    if not names:
        told_so = (
            f"recorded, not a fault, since no framework promises equal results here: {said}{wording.of_all(readings)}"
        )
        return Verdict("pass", told_so, evidence)
    wrong: Severity | None = "critical" if any(name.startswith(EXACT) for name in names) else None
    message = said + wording.coin_message(told) + wording.of_all(readings)
    return Verdict("fail", message, evidence, known(check, names), wrong, _contract(check, moved))


def _contract(check: CheckInfo, moved: Mapping[str, Sequence[str]]) -> str:
    """The contract of a factor that was only varied in the perturbed process; the check's own otherwise."""
    foreign = [factor for factor in moved if factor in FACTORS and factor not in check.across]
    return FACTORS[foreign[0]].contract if len(foreign) == len(moved) else ""


def _recorded_besides(check: CheckInfo, readings: Sequence[Reading], unstable: Collection[str]) -> dict[str, list[str]]:
    recorded = _recorded(check, readings)
    return {factor: left for factor, names in recorded.items() if (left := [n for n in names if n not in unstable])}


def _milder(severity: Severity, other: Severity) -> bool:
    return SEVERITIES.index(severity) > SEVERITIES.index(other)
