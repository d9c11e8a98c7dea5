"""The rule `staged`: a compiled program gives the same bits; otherwise the first differing stage is named."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..confidence import clean_runs_needed, rate_lower_95
from ..factors.factors import FACTORS, arms_across, arms_alone, pooled
from ..manifest.models import Reading, Severity
from . import confidence
from .instability import BELIEVED_BY_LUCK
from .readings import compared, group, known, names_text, obstacle, processes, settings_text, unasked
from .verdict import Ask, Verdict

Stages = Sequence[tuple[str, str]]
PROCESSES_UNDER_A_CURE = 3
"""Processes that are measured under a cure that so many cannot prove: one that differs still disproves it."""
MOST_UNDER_A_CURE = 8
"""Most processes under a cure. More would cost too much compile time; what is not proven with them stays unproven."""


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
        needed = _needed(readings, results)
        count = needed if needed <= MOST_UNDER_A_CURE else PROCESSES_UNDER_A_CURE
        if arms := unasked(check, tried, asked, count=count):
            return Ask(
                arms, f"{names_text(sorted(results))}: results of one program differ; measuring what makes them equal"
            )
        under = {name: _effect(check, readings, name, results, needed) for name in tried}
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
            where = f"in a process with {_meaning(settings)}" if settings else "under the same conditions"
            told: dict[str, JsonValue] = {
                "stage": stage,
                "result": result,
                "settings": settings_text(settings),
                "message": f"{'different' if result else 'equal'} results {where}{_no_cause(settings)}; "
                f"first differing stage: {stage}",
            }
            if worst is None or (result and not worst["result"]):
                worst = told
    return worst


def _needed(readings: Sequence[Reading], results: Collection[str]) -> int:
    """
    How many processes must agree under a cure, so that one without effect is believed in 1 % at most.

    The rate counts at its lower 95 % bound over the unchanged processes. A program that differs only under a factor
    has no rate there, and no number of processes suffices.
    """
    found = []
    for program in results:
        last = {one.process: _stages(compared(one).get(program))[-1:] for one in group(readings, {})}
        ends = [repr(end) for end in last.values()]
        odd = len(ends) - Counter(ends).most_common(1)[0][1]
        rate = rate_lower_95(odd, len(ends))
        found.append(clean_runs_needed(rate, BELIEVED_BY_LUCK) if rate else sys.maxsize)
    return max(found)


def _effect(check: CheckInfo, readings: Sequence[Reading], name: str, results: Collection[str], needed: int) -> str:
    """Effect of a cure on the differing results: `identical`, `not proven`, `differs`, or `not measured`."""
    members = [reading for settings in arms_alone(name, check.fixed) for reading in group(readings, settings)]
    if processes(members) < PROCESSES_UNDER_A_CURE:
        return "not measured"
    ends = [{_stages(compared(reading).get(program))[-1:][0] for reading in members} for program in results]
    if any(len(found) > 1 for found in ends):
        return "differs"
    return "identical" if processes(members) >= needed else "not proven"


def _arms(check: CheckInfo) -> list[Mapping[str, str]]:
    return [dict(arm) for factor in check.across for arm in arms_across(factor, check.fixed)]


def _meaning(settings: Mapping[str, str]) -> str:
    if dict(settings) == pooled():
        return "several factors changed together"
    return ", ".join(f"a change of {FACTORS[name].meaning} ({value})" for name, value in settings.items())


def _no_cause(settings: Mapping[str, str]) -> str:
    """One process with a factor and one without it do not show that the factor is the cause."""
    return " (whether that is the cause was not measured)" if settings else ""


def _first_difference(first: Stages, other: Stages) -> str | None:
    if [name for name, _ in first] != [name for name, _ in other]:
        return "the list of stages"
    return next((name for (name, left), (_, right) in zip(first, other, strict=True) if left != right), None)


def _stages(value: JsonValue) -> list[tuple[str, str]]:
    found = value.get("stages") if isinstance(value, dict) else None
    if not isinstance(found, list):
        return []
    return [(str(pair[0]), str(pair[1])) for pair in found if isinstance(pair, list) and len(pair) == 2]
