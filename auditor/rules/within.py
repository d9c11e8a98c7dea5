"""The rule `within`: two forms agree up to rounding, judged by their errors against float64 at the tensor's scale."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..factors.factors import CURE_SETTINGS, arms_alone
from ..manifest.agreement import agreement_class, number
from ..manifest.models import Reading
from . import suspects, wording
from .readings import compared, conditions, group, known, names_text, unasked
from .verdict import Ask, Suspect, Verdict

MEMORY = "memory-fill"


def within(check: CheckInfo, readings: Sequence[Reading], asked: Sequence[Mapping[str, str]]) -> Verdict | Ask:
    """Apply the rule: rounding passes; for a larger difference it requests the arms that classify it."""
    base = group(readings, {})
    classes = _classes(base)
    evidence = _evidence(base, classes)
    if not classes:
        return Verdict("inconclusive", "the check measured no value, so nothing was compared", evidence)
    beyond = sorted(name for name, kind in classes.items() if kind == "beyond")
    if not beyond:
        return Verdict("pass", _agreement_message(base, classes) + _ends(base, evidence), evidence)
    open_to = [name for name in beyond if not _unexplained(check, name)]
    if open_to and (arms := unasked(check, check.explains, asked, names=open_to)):
        return Ask(
            arms, f"{names_text(beyond)}: the two forms differ by more than rounding; measuring what explains it"
        )
    found = _suspects(check, readings, beyond)
    if found and not suspects.was_asked([*asked, *(reading.settings for reading in readings)]):
        return Ask((), f"{names_text(beyond)}: measuring in fresh processes, with arms drawn by a coin", tuple(found))
    kind, told = _explain(check, readings, beyond, found)
    evidence |= {"class": kind, "under": _under(check, readings, beyond)}
    message = (
        f"{len(beyond)} of {len(classes)} tensors differ by more than rounding ({kind}): {names_text(beyond)}. {told}"
    )
    message += _not_finite_message(base, beyond) + _ends(base, evidence)
    return Verdict("fail", message, evidence, known(check, beyond))


def _classes(base: Sequence[Reading]) -> dict[str, str]:
    """Tensor to its worst class in any reading."""
    order = ("same", "rounding", "beyond")
    classes: dict[str, str] = {}
    for reading in base:
        for name, value in compared(reading).items():
            classes[name] = max(classes.get(name, "same"), agreement_class(value), key=order.index)
    return classes


def _suspects(check: CheckInfo, readings: Sequence[Reading], beyond: Sequence[str]) -> list[Suspect]:
    """The memory fills, if the compiled results differ between two of them."""
    if MEMORY not in check.explains:
        return []
    compiled = [_compiled_only(reading, beyond) for reading in suspects.without_confirmations(readings)]
    return suspects.between(MEMORY, [*arms_alone(MEMORY, check.fixed), {}], compiled)


def _compiled_only(reading: Reading, names: Collection[str]) -> Reading:
    """The reading, with the digest of the compiled side as the value of each of these tensors."""
    digests: dict[str, JsonValue] = {
        name: value.get("compiled") if isinstance(value, dict) else None
        for name, value in compared(reading).items()
        if name in names
    }
    return reading.model_copy(update={"values": digests})


def _not_finite_message(base: Sequence[Reading], names: Sequence[str]) -> str:
    """How many elements are not finite alike, and which side the reference agrees with; empty if there are none."""
    values = [value for reading in base for name in names if isinstance(value := compared(reading).get(name), dict)]
    worst = max(values, key=lambda value: number(value.get("not_finite")), default={})
    if not number(worst.get("not_finite", 0)) > 0 or "eager_not_finite" not in worst:
        return ""
    sides = [side for side in ("eager", "compiled") if number(worst.get(f"{side}_not_finite")) == 0]
    agrees = f"agrees with the {sides[0]} result" if len(sides) == 1 else "agrees with neither result"
    return (
        f" NaN or infinity differ in {worst['not_finite']} of {worst['elements']} elements; the float64 reference, with"
        f" infinity of its sign where {worst['dtype']} overflows, {agrees}."
    )


def _explain(
    check: CheckInfo, readings: Sequence[Reading], beyond: Sequence[str], found: Sequence[Suspect]
) -> tuple[str, str]:
    """The class of a difference beyond rounding, from the intervention arms, and a sentence about it."""
    compiled = [_compiled_only(reading, beyond) for reading in readings]
    if any(suspects.confirmation(suspect, compiled).confirmed for suspect in found):
        return "uninitialised", "The compiled result changes with the contents of fresh memory."
    plain = group(readings, {})
    filled = [one for settings in arms_alone(MEMORY, check.fixed) for one in group(readings, settings)]
    if found or _compiled_moves([*plain, *(filled if MEMORY in check.explains else ())], beyond):
        cause = "" if _compiled_moves(plain, beyond) else " Whether fresh memory decides it is not shown."
        return "random", f"The compiled result differs from run to run under the same seed.{cause}"
    for name in check.explains:
        members = [reading for settings in arms_alone(name, check.fixed) for reading in group(readings, settings)]
        if name != MEMORY and members and _all_within(members, beyond):
            kind = "random" if name == "fallback-random" else "wrong"
            return kind, f"The difference disappears under {name}."
    if all(_unexplained(check, name) for name in beyond):
        return "wrong", f"Not tried: {', '.join(check.explains)} ({'; '.join(_reasons(check, beyond))})."
    return "wrong", f"Ruled out as explanations: {', '.join(check.explains) or 'nothing was tried'}."


def _unexplained(check: CheckInfo, name: str) -> str:
    """Why none of the check's `explains` can change this value; empty where one may."""
    return next((reason for pattern, reason in check.unexplained.items() if fnmatch.fnmatchcase(name, pattern)), "")


def _reasons(check: CheckInfo, names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(_unexplained(check, name) for name in names))


def _under(check: CheckInfo, readings: Sequence[Reading], beyond: Sequence[str]) -> dict[str, JsonValue]:
    """Measured cure to its effect on the difference: `identical` or `differs`, as in the rule `identical`."""
    told: dict[str, JsonValue] = {}
    for name in check.explains:
        members = [reading for settings in arms_alone(name, check.fixed) for reading in group(readings, settings)]
        if name in CURE_SETTINGS and members:
            told[name] = "identical" if _all_within(members, beyond) else "differs"
    return told


def _all_within(members: Sequence[Reading], names: Sequence[str]) -> bool:
    return all(agreement_class(compared(reading).get(name)) != "beyond" for reading in members for name in names)


def _compiled_moves(members: Sequence[Reading], names: Sequence[str]) -> bool:
    """Whether the compiled side of any of the tensors has more than one digest."""
    digests: dict[str, set[str]] = {name: set() for name in names}
    for reading in members:
        for name in names:
            value = compared(reading).get(name)
            digests[name].add(str(value.get("compiled")) if isinstance(value, dict) else "")
    return any(len(found) > 1 for found in digests.values())


def _evidence(base: Sequence[Reading], classes: Mapping[str, str]) -> dict[str, JsonValue]:
    ulps: dict[str, JsonValue] = {}
    for reading in base:
        for name, value in compared(reading).items():
            if isinstance(value, dict) and isinstance(value.get("max_ulp"), int):
                ulps[name] = value["max_ulp"]
    evidence: dict[str, JsonValue] = {
        "classes": dict(sorted(classes.items())),
        "max_ulp": dict(sorted(ulps.items())),
        "readings": len(base),
    }
    return evidence | _ladder(base, classes) | _cells(base)


def _cells(base: Sequence[Reading]) -> dict[str, JsonValue]:
    """Of a check over a matrix: the cells measured, all cells, and the seed of the covering array; else nothing."""
    told = next((found for reading in base if {"cells", "of", "seed"} <= (found := conditions(reading)).keys()), {})
    return {"cells": {name: told[name] for name in ("cells", "of", "seed")}} if told else {}


def _ends(base: Sequence[Reading], evidence: Mapping[str, JsonValue]) -> str:
    """How the message ends: the rungs of a ladder, and how many cells or cases of all were measured."""
    cells = evidence.get("cells")
    told = (
        f"; {cells['cells']} of {cells['of']} cells (seed {cells['seed']})"
        if isinstance(cells, dict)
        else wording.of_all(base)
    )
    return _ladder_message(evidence) + told


def _ladder(base: Sequence[Reading], classes: Mapping[str, str]) -> dict[str, JsonValue]:
    """
    For names like `output/inductor`: the first rung with different bits, the first beyond rounding, and their tensors.

    The reading's condition `ladder` has the order of the rungs, since a JSON object has none.
    """
    rungs = next((found for reading in base if isinstance(found := conditions(reading).get("ladder"), list)), [])
    told: dict[str, JsonValue] = {}
    for key, kinds in (("first_moved", ("rounding", "beyond")), ("first_beyond", ("beyond",))):
        for rung in map(str, rungs):
            moved = sorted(name for name, kind in classes.items() if kind in kinds and name.endswith(f"/{rung}"))
            if moved:
                told[key] = {"rung": rung, "tensors": [name.removesuffix(f"/{rung}") for name in moved]}
                break
    return {"ladder": [*rungs], **told} if rungs else {}


def _ladder_message(evidence: Mapping[str, JsonValue]) -> str:
    """The rungs where the results change, as text; empty without a ladder."""
    if "ladder" not in evidence:
        return ""
    parts = []
    for key, said in (("first_beyond", "the first beyond rounding"), ("first_moved", "the first with different bits")):
        if isinstance(found := evidence.get(key), dict) and isinstance(tensors := found["tensors"], list):
            parts.append(f"{said} is {found['rung']} ({names_text([str(each) for each in tensors])})")
    return "; rungs of the ladder: " + ", ".join(parts) if parts else "; no rung of the ladder gives different bits"


def _agreement_message(base: Sequence[Reading], classes: Mapping[str, str]) -> str:
    rounding = [name for name, kind in classes.items() if kind == "rounding"]
    if not rounding:
        return f"all {len(classes)} tensors have the same bits"
    shares = [_relative_error(compared(reading).get(name)) for reading in base for name in rounding]
    return (
        f"{len(rounding)} of {len(classes)} tensors differ, by rounding only: "
        f"the largest compiled error against float64 is {max(shares):.1e} of its tensor's scale"
    )


def _relative_error(value: JsonValue) -> float:
    if not isinstance(value, dict):
        return 0.0
    scale = number(value.get("scale"))
    return number(value.get("compiled_error")) / scale if scale > 0 else 0.0
