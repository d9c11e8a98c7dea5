"""
Rules: pure functions of one check's readings to a verdict, or to an ask for more measuring.

Nothing here runs anything. Anyone with a manifest can apply other rules to the same readings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from .catalogue import CheckInfo
from .factors import CURES, FACTORS, POOLED, pooled
from .manifest import Known, Outcome, Reading, Severity

CURE_DOUBT = 0.05
"""A cure counts when its clean runs would have been clean by luck with at most this probability."""
WRONG_FACTOR = 4.0
"""The compiled error may be this many times the eager one before it is more than rounding (CHECKS.md)."""
NAMES_SHOWN = 4
UNJUDGED_SETTINGS = ("compile-cache",)
"""Settings that every process of a check shares: they are declared, and vary nothing."""

Key = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Arm:
    """Processes to measure a check in."""

    settings: Mapping[str, str]
    processes: int = 1


@dataclass(frozen=True)
class Ask:
    """More measuring that a rule needs before it can answer."""

    arms: tuple[Arm, ...]
    reason: str


@dataclass(frozen=True)
class Verdict:
    """A rule's answer."""

    outcome: Outcome
    message: str
    evidence: dict[str, JsonValue] = field(default_factory=dict)
    known: Known | None = None
    severity: Severity | None = None
    """Another severity than the declared one."""
    contract: str = ""
    """Another contract than the check's own, to which this finding belongs."""


Rule = Callable[[CheckInfo, Sequence[Reading]], "Verdict | Ask"]


def judge(check: CheckInfo, readings: Sequence[Reading]) -> Verdict | Ask:
    """Apply the check's rule to its readings."""
    if not any(_key(reading) == frozenset() for reading in readings):
        return Verdict("inconclusive", "no reading from an untouched process arrived, so nothing can be judged")
    return RULES[check.rule](check, readings)


def rate_bound_95(runs: int) -> float | None:
    """
    The upper 95 % bound on the rate of differing from the first, after `runs` agreeing runs; None for fewer than two.

    R runs are R-1 trials, not R(R-1)/2 pairs.
    """
    return None if runs < 2 else 1 - CURE_DOUBT ** (1 / (runs - 1))


# ---------------------------------------------------------------------------------------------------------- identical


def identical(check: CheckInfo, readings: Sequence[Reading]) -> Verdict | Ask:
    """All readings of one check hold the same bits, within a process, between processes and across its factors."""
    base = _group(readings, {})
    unstable = _unstable_names(base)
    if unstable:
        return _unstable(check, readings, unstable)
    moved = _moved_by(readings, check.across)
    if "perturbed" in moved:
        return _perturbed(check, readings, moved["perturbed"])
    if moved:
        return _depends(check, moved, readings)
    obstacle = _obstacle(check, readings)
    if obstacle:
        return Verdict("inconclusive", obstacle, _confidence(base))
    return Verdict("pass", _agreement_message(check, readings), _confidence(base))


def _unstable(check: CheckInfo, readings: Sequence[Reading], unstable: Mapping[str, float]) -> Verdict | Ask:
    """The same conditions gave other bits: ask whether the cure cures it, and what makes it vanish."""
    base = _group(readings, {})
    wanted = [CURES.get(name) or {name: FACTORS[name].values[0]} for name in (check.cure, *check.explains) if name]
    between = not _unstable_within(base)
    clean_needed = _clean_runs_needed(min(unstable.values()))
    missing = tuple(
        Arm(settings, _processes_needed(check, clean_needed, between=between))
        for settings in wanted
        if not _group(readings, settings)
    )
    if missing:
        return Ask(missing, "the bits differ under the same conditions: does its cure cure it, and what explains it?")
    evidence: dict[str, JsonValue] = {
        "differing": {name: _distinct(base, name) for name in sorted(unstable)},
        "readings": len(base),
        "processes": len({reading.process for reading in base}),
        "where": "between processes" if between else "within one process",
    }
    effects = {
        name: _effect(readings, CURES.get(name) or {name: FACTORS[name].values[0]}, unstable, clean_needed, between=between)
        for name in (check.cure, *check.explains)
        if name
    }
    evidence["under"] = dict(effects)
    known = _known(check, unstable, cured=effects.get(check.cure) == "identical")
    return Verdict(
        "fail",
        _unstable_message(check, base, unstable, effects, between=between),
        evidence,
        known,
        "low" if known == "documented-and-cured" else None,
    )


def _effect(
    readings: Sequence[Reading], settings: Mapping[str, str], unstable: Iterable[str], needed: int, *, between: bool
) -> str:
    """`identical`, `differs`, or `not proven` when too few clean runs were made to tell luck from cure."""
    group = _group(readings, settings)
    if not group:
        return "not measured"
    if set(unstable) & set(_unstable_names(group)):
        return "differs"
    clean = len({reading.process for reading in group}) if between else len(group)
    return "identical" if clean >= needed else "not proven"


def _perturbed(check: CheckInfo, readings: Sequence[Reading], names: Sequence[str]) -> Verdict | Ask:
    """The pooled arm moved the bits: bisect over its factors, each alone, and release."""
    missing = tuple(Arm({name: value}) for name, value in POOLED if not _group(readings, {name: value}))
    if missing:
        return Ask(missing, "a process with several innocent things changed gave other bits: which of them does it?")
    guilty = {
        name: changed
        for name, value in POOLED
        if (changed := _changed_names(_group(readings, {}), _group(readings, {name: value})))
    }
    evidence: dict[str, JsonValue] = {
        "differing": list(names),
        "factors": {name: list(changed) for name, changed in guilty.items()},
        "readings": len(readings),
    }
    if not guilty:
        together = ", ".join(name for name, _ in POOLED)
        return Verdict("fail", f"other bits only when {together} change together: {_names(names)}", evidence)
    said = " and ".join(FACTORS[name].meaning for name in guilty)
    contract = FACTORS[next(iter(guilty))].contract
    return Verdict(
        "fail",
        f"the bits depend on {said}: {_names(names)} differ, though every seed is the same "
        "(identical under identical conditions)",
        evidence,
        _known(check, names, cured=False),
        contract=contract,
    )


def _depends(check: CheckInfo, moved: Mapping[str, Sequence[str]], readings: Sequence[Reading]) -> Verdict:
    """One of the check's own factors moved the bits."""
    parts = [f"{FACTORS[factor].meaning} changes {_names(names)}" for factor, names in moved.items()]
    names = sorted({name for changed in moved.values() for name in changed})
    innocent = any(FACTORS[factor].innocent for factor in moved)
    known = _known(check, names, cured=False)
    return Verdict(
        "fail" if innocent else "pass",
        "; ".join(parts) + ("" if innocent else " (recorded: nobody promises otherwise)"),
        {"factors": {factor: list(changed) for factor, changed in moved.items()}, "readings": len(readings)},
        known if innocent else None,
    )


# ----------------------------------------------------------------------------------------------------------- expected


def expected(check: CheckInfo, readings: Sequence[Reading]) -> Verdict | Ask:
    """Every value of every reading is `{"expected": x, "observed": y}` and x equals y."""
    base = _group(readings, {})
    broken: dict[str, Mapping[str, JsonValue]] = {}
    total: set[str] = set()
    for reading in base:
        for name, value in _compared(reading).items():
            if not isinstance(value, dict) or not {"expected", "observed"} <= value.keys():
                return Verdict("error", f"the reading of {name} lacks expected or observed: a defect of the check")
            total.add(name)
            if value["expected"] != value["observed"]:
                broken.setdefault(name, value)
    obstacle = _obstacle(check, readings)
    if not broken and (obstacle or not total):
        return Verdict("inconclusive", obstacle or "there was nothing to compare")
    if not broken:
        return Verdict("pass", f"{len(total)} of {len(total)} hold: {_names(sorted(total))}", {"held": sorted(total)})
    told = "; ".join(
        f"{name}: expected {value['expected']}, observed {value['observed']}"
        for name, value in list(broken.items())[:NAMES_SHOWN]
    )
    return Verdict(
        "fail",
        f"{len(broken)} of {len(total)} do not hold. {told}",
        {"broken": {name: dict(value) for name, value in broken.items()}, "held": sorted(total - set(broken))},
        _known(check, broken, cured=False),
    )


# ------------------------------------------------------------------------------------------------------------- within


def within(check: CheckInfo, readings: Sequence[Reading]) -> Verdict | Ask:
    """Two ways of computing agree up to rounding, by their errors against float64 at the tensor's scale."""
    base = _group(readings, {})
    classes = {name: _agreement_class(value) for reading in base for name, value in _compared(reading).items()}
    beyond = sorted(name for name, kind in classes.items() if kind == "beyond")
    evidence = _agreement_evidence(base, classes)
    if not classes:
        return Verdict("inconclusive", "there was nothing to compare", evidence)
    if not beyond:
        rounding = [name for name, kind in classes.items() if kind == "rounding"]
        if rounding:
            return Verdict("pass", _rounding_message(base, rounding, len(classes)), evidence)
        return Verdict("pass", f"all {len(classes)} tensors have the same bits", evidence)
    arms = [CURES.get(name) or {name: value} for name in check.explains for value in _values(name)]
    missing = tuple(Arm(settings) for settings in arms if not _group(readings, settings))
    if missing:
        return Ask(missing, "compiled and eager differ by more than rounding: what explains it?")
    kind, told = _explain(check, readings, beyond)
    evidence["class"] = kind
    return Verdict(
        "fail",
        f"{len(beyond)} of {len(classes)} tensors differ by more than rounding ({kind}): {_names(beyond)}. {told}",
        evidence,
        _known(check, beyond, cured=False),
    )


def _agreement_class(value: JsonValue) -> str:
    """`same`, `rounding` or `beyond` for one tensor's reading (made by the payload's `agreement`)."""
    if not isinstance(value, dict):
        return "beyond"
    if value.get("bits_equal") is True:
        return "same"
    if value.get("same_shape_and_dtype") is not True or value.get("not_finite") != 0:
        return "beyond"
    eager, compiled, scale, eps = (_number(value[name]) for name in ("eager_error", "compiled_error", "scale", "eps"))
    allowed = max(WRONG_FACTOR * eager, eps * _number(value["reduction"]) * scale)
    return "rounding" if compiled <= allowed else "beyond"


def _explain(check: CheckInfo, readings: Sequence[Reading], beyond: Sequence[str]) -> tuple[str, str]:
    """The class of a difference beyond rounding, established by what the counterfactual processes showed."""
    base = _group(readings, {})
    if _unstable_compiled(base, beyond):
        return "random", "The compiled result itself changes from run to run under the same seed."
    for name in check.explains:
        groups = [_group(readings, CURES.get(name) or {name: value}) for value in _values(name)]
        if name == "memory-fill" and any(_unstable_compiled([*base, *group], beyond) for group in groups):
            return "uninitialised", "The compiled result changes with what fresh memory holds."
        if name != "memory-fill" and all(group and _all_within(group, beyond) for group in groups):
            kind = "random" if name == "fallback-random" else "wrong"
            return kind, f"The difference vanishes under `{name}`, and only the compiled side changes."
    return "wrong", f"Ruled out: {', '.join(check.explains) or 'nothing was tried'}."


def _all_within(group: Sequence[Reading], names: Sequence[str]) -> bool:
    return all(_agreement_class(_compared(reading).get(name)) != "beyond" for reading in group for name in names)


def _unstable_compiled(group: Sequence[Reading], names: Sequence[str]) -> bool:
    digests: dict[str, set[JsonValue]] = {}
    for reading in group:
        for name in names:
            value = _compared(reading).get(name)
            digests.setdefault(name, set()).add(str(value.get("compiled")) if isinstance(value, dict) else None)
    return any(len(found) > 1 for found in digests.values())


def _agreement_evidence(base: Sequence[Reading], classes: Mapping[str, str]) -> dict[str, JsonValue]:
    first = _compared(base[0])
    ulps = {name: value.get("max_ulp") for name, value in first.items() if isinstance(value, dict)}
    return {"classes": dict(sorted(classes.items())), "max_ulp": dict(sorted(ulps.items())), "readings": len(base)}


def _rounding_message(base: Sequence[Reading], rounding: Sequence[str], total: int) -> str:
    first = _compared(base[0])
    worst = 0.0
    for name in rounding:
        value = first.get(name)
        if isinstance(value, dict) and _number(value["scale"]) > 0:
            worst = max(worst, _number(value["compiled_error"]) / _number(value["scale"]))
    return (
        f"{len(rounding)} of {total} tensors differ by rounding only: the compiled error is at most {worst:.1e} of the "
        "tensor's scale, no worse than eager's within the bound"
    )


# --------------------------------------------------------------------------------------------------------------- shared


def _key(reading: Reading) -> Key:
    return frozenset(item for item in reading.settings.items() if item[0] not in UNJUDGED_SETTINGS)


def _group(readings: Sequence[Reading], settings: Mapping[str, str]) -> list[Reading]:
    wanted = frozenset(settings.items())
    return [reading for reading in readings if _key(reading) == wanted]


def _values(name: str) -> tuple[str, ...]:
    """The arms of a factor; a cure has one (its settings stand for themselves)."""
    return ("",) if name in CURES else FACTORS[name].values


def _compared(reading: Reading) -> dict[str, JsonValue]:
    return {name: value for name, value in reading.values.items() if name != "conditions"}


def _conditions(reading: Reading) -> dict[str, JsonValue]:
    conditions = reading.values.get("conditions")
    return conditions if isinstance(conditions, dict) else {}


def _unstable_names(group: Sequence[Reading]) -> dict[str, float]:
    """
    Names that differ under the same conditions, each with its rate of differing from the first reading.

    The rate is k / (trials + 1): a single differing trial is no proof of a rate of 1.
    """
    if not group:
        return {}
    first = _compared(group[0])
    rates = {}
    for name in sorted({name for reading in group for name in _compared(reading)}):
        changed = sum(_compared(reading).get(name) != first.get(name) for reading in group[1:])
        if changed:
            rates[name] = changed / len(group)
    return rates


def _unstable_within(group: Sequence[Reading]) -> bool:
    processes: dict[str, list[Reading]] = {}
    for reading in group:
        processes.setdefault(reading.process, []).append(reading)
    return any(_unstable_names(members) for members in processes.values())


def _changed_names(base: Sequence[Reading], other: Sequence[Reading]) -> list[str]:
    """Names whose value in any reading of `other` is not the base's (which is stable)."""
    first = _compared(base[0])
    names = {name for reading in other for name in {*_compared(reading), *first}}
    return sorted(name for name in names if any(_compared(reading).get(name) != first.get(name) for reading in other))


def _moved_by(readings: Sequence[Reading], across: Sequence[str]) -> dict[str, list[str]]:
    base = _group(readings, {})
    moved = {}
    for factor in across:
        if factor == "perturbed":
            groups = [_group(readings, pooled())]
        elif factor in FACTORS:
            groups = [_group(readings, {factor: value}) for value in FACTORS[factor].values]
        else:
            continue
        names = sorted({name for group in groups for name in _changed_names(base, group)})
        if names:
            moved[factor] = names
    return moved


def _obstacle(check: CheckInfo, readings: Sequence[Reading]) -> str:
    """Why agreement proves nothing here; empty when it does."""
    base = _group(readings, {})
    for name, least in check.requires.items():
        seen = min((_number(_conditions(reading).get(name, 0)) for reading in base), default=0)
        if seen < least:
            return f"needs at least {least} {name}, this process has {seen:g}: agreement proves nothing"
    if "process" in check.across and len({reading.process for reading in base}) < 2:
        return "only one untouched process answered: nothing was compared between processes"
    if "repeat" in check.across and len(base) < 2:
        return "only one call answered: nothing was compared"
    for factor in check.across:
        arms = [pooled()] if factor == "perturbed" else [{factor: value} for value in _arm_values(factor)]
        for settings in arms:
            if not _group(readings, settings):
                return f"the process with {_settings_text(settings)} did not answer"
    return _canary_obstacle(readings) if "memory-fill" in check.across else ""


def _arm_values(factor: str) -> tuple[str, ...]:
    return FACTORS[factor].values if factor in FACTORS else ()


def _canary_obstacle(readings: Sequence[Reading]) -> str:
    """A fill proves nothing until a canary in the same process has shown it (verified trap 6)."""
    for value in FACTORS["memory-fill"].values:
        shown = f"{255 - int(value):02x}"
        for reading in _group(readings, {"memory-fill": value}):
            canary = _conditions(reading).get("canary")
            if not isinstance(canary, dict) or not canary:
                return "no canary shows that the memory fill reaches this framework's buffers"
            blind = sorted(name for name, seen in canary.items() if seen != shown)
            if blind:
                return f"the memory fill {value} does not reach {_names(blind)}: clean readings prove nothing there"
    return ""


def _known(check: CheckInfo, names: Iterable[str], *, cured: bool) -> Known:
    if all(name in check.documented or "*" in check.documented for name in names):
        return "documented-and-cured" if cured else "documented"
    return "undocumented"


def _clean_runs_needed(rate: float) -> int:
    """How many clean runs under a cure make luck improbable, given the rate of differing without it."""
    return 1 if rate >= 1 else max(1, math.ceil(math.log(CURE_DOUBT) / math.log(1 - rate)))


def _processes_needed(check: CheckInfo, clean: int, *, between: bool) -> int:
    """Processes for an arm: every process is one trial, or every call of one is."""
    most = 8
    per_process = 1 if between else max(1, check.repeats)
    return min(most, max(1, math.ceil(clean / per_process)))


def _distinct(group: Sequence[Reading], name: str) -> int:
    return len({repr(_compared(reading).get(name)) for reading in group})


def _confidence(base: Sequence[Reading]) -> dict[str, JsonValue]:
    bound = rate_bound_95(len(base))
    return {
        "readings": len(base),
        "processes": len({reading.process for reading in base}),
        "rate_bound_95": None if bound is None else round(bound, 4).hex(),
    }


def _agreement_message(check: CheckInfo, readings: Sequence[Reading]) -> str:
    base = _group(readings, {})
    bound = rate_bound_95(len(base))
    count = len({name for reading in base for name in _compared(reading)})
    processes = len({reading.process for reading in base})
    factors = [name for name in check.across if name in FACTORS]
    if "perturbed" in check.across:
        factors += [name for name, _ in POOLED]
    varied = f", and with other {', '.join(dict.fromkeys(factors))}" if factors else ""
    sure = "" if bound is None else f" (a fault in fewer than {bound:.0%} of runs could have stayed hidden)"
    return f"{count} values agree bit for bit in {len(base)} readings of {processes} processes{varied}{sure}"


def _unstable_message(
    check: CheckInfo, base: Sequence[Reading], unstable: Iterable[str], effects: Mapping[str, str], *, between: bool
) -> str:
    names = list(unstable)
    where = "processes" if between else "calls with equal inputs"
    total = len({reading.process for reading in base}) if between else len(base)
    parts = [f"{name} gave {_distinct(base, name)} different results in {total} {where}" for name in names[:NAMES_SHOWN]]
    if len(names) > NAMES_SHOWN:
        parts.append(f"and {len(names) - NAMES_SHOWN} more")
    told = [f"under `{name}`: {effect}" for name, effect in effects.items()]
    return "; ".join(parts) + (f". Measured {', '.join(told)}" if told else "")


def _settings_text(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown} and {len(names) - NAMES_SHOWN} more"


def _number(value: JsonValue) -> float:
    """A measured number: an integer, or a float as `float.hex()` text."""
    if isinstance(value, str):
        return float.fromhex(value)
    return float(value) if isinstance(value, (int, float)) else math.nan


RULES: dict[str, Rule] = {"identical": identical, "within": within, "expected": expected}
