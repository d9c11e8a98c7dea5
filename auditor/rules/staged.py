"""The rule `staged`: a compiled program gives the same bits; otherwise the first differing stage is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..factors.factors import FACTORS, arms_across, arms_alone, pooled
from ..manifest.models import Reading, Severity
from . import confidence
from .readings import compared, group, known, names_text, obstacle, processes, settings_text, unasked
from .verdict import Ask, Verdict

Stages = Sequence[tuple[str, str]]
PROCESSES_UNDER_A_CURE = 3
"""Processes that must agree under a cure. More would cost too much compile time; rarer faults stay unproven."""


def staged(check: CheckInfo, readings: Sequence[Reading], asked: Sequence[Mapping[str, str]]) -> Verdict | Ask:
    """
    Each value is `{"stages": [[name, digest], ...]}` in the order of compiling.

    The last stage is the result. If it differs, the rule requests once the arms of the check's cure and explanations;
    the check then fails and names the first differing stage. If only earlier stages differ, they are recorded.
    """
    base = group(readings, {})
    stages = {name: _stages(value) for name, value in compared(base[0]).items()}
    if not stages or not all(stages.values()):
        return Verdict("error", "a value has no stages; this is a defect of the check")
    parted = {
        name: found for name, first in stages.items() if (found := _parted(name, first, check, readings)) is not None
    }
    results = {name: told for name, told in parted.items() if told["result"]}
    evidence = confidence.evidence(base) | {"parted": dict(parted)}
    if results:
        tried = [name for name in (check.cure, *check.explains) if name]
        if arms := unasked(check, tried, asked, count=PROCESSES_UNDER_A_CURE):
            return Ask(
                arms, f"{names_text(sorted(results))}: results of one program differ; measuring what makes them equal"
            )
        under = {name: _effect(check, readings, name, results) for name in tried}
        told = "; ".join(f"{name}: {value['message']}" for name, value in results.items())
        told += "".join(f"; under {name}: {effect}" for name, effect in under.items())
        knowledge = known(check, results, cured=under.get(check.cure) == "identical")
        severity: Severity | None = "low" if knowledge == "documented-and-cured" else None
        return Verdict("fail", told, evidence | {"under": dict(under)}, knowledge, severity)
    if problem := obstacle(check, readings):
        return Verdict("inconclusive", problem, evidence)
    message = f"{names_text(sorted(stages))}: the compiled result has the same bits in {len(readings)} readings"
    if parted:
        message += f"; recorded: an earlier stage of {names_text(sorted(parted))} differs, with an equal result"
    return Verdict("pass", message, evidence)


def _parted(name: str, first: Stages, check: CheckInfo, readings: Sequence[Reading]) -> dict[str, JsonValue] | None:
    """The first stage at which any reading differs from the first reading, and its settings; None if none does."""
    worst: dict[str, JsonValue] | None = None
    for settings in ({}, *_arms(check)):
        for reading in group(readings, settings):
            other = _stages(compared(reading).get(name))
            stage = _first_difference(first, other)
            if stage is None:
                continue
            result = first[-1] != other[-1] if other else True
            where = f"with {_meaning(settings)}" if settings else "under the same conditions"
            told: dict[str, JsonValue] = {
                "stage": stage,
                "result": result,
                "settings": settings_text(settings),
                "message": f"{'different' if result else 'equal'} results {where}; first differing stage: {stage}",
            }
            if worst is None or (result and not worst["result"]):
                worst = told
    return worst


def _effect(check: CheckInfo, readings: Sequence[Reading], name: str, results: Collection[str]) -> str:
    """Effect of a cure on the differing results: `identical`, `differs`, or `not measured`."""
    members = [reading for settings in arms_alone(name, check.fixed) for reading in group(readings, settings)]
    if processes(members) < PROCESSES_UNDER_A_CURE:
        return "not measured"
    ends = [{_stages(compared(reading).get(program))[-1:][0] for reading in members} for program in results]
    return "identical" if all(len(found) == 1 for found in ends) else "differs"


def _arms(check: CheckInfo) -> list[Mapping[str, str]]:
    return [dict(arm) for factor in check.across for arm in arms_across(factor, check.fixed)]


def _meaning(settings: Mapping[str, str]) -> str:
    if dict(settings) == pooled():
        return "several factors changed together"
    return ", ".join(f"a change of {FACTORS[name].meaning} ({value})" for name, value in settings.items())


def _first_difference(first: Stages, other: Stages) -> str | None:
    if [name for name, _ in first] != [name for name, _ in other]:
        return "the list of stages"
    return next((name for (name, left), (_, right) in zip(first, other, strict=True) if left != right), None)


def _stages(value: JsonValue) -> list[tuple[str, str]]:
    found = value.get("stages") if isinstance(value, dict) else None
    if not isinstance(found, list):
        return []
    return [(str(pair[0]), str(pair[1])) for pair in found if isinstance(pair, list) and len(pair) == 2]
