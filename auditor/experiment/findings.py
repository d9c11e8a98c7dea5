"""The findings about the program itself: the operators that it calls, and the generators that it draws from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from ..manifest import program
from ..manifest.models import Finding, Kind, Reach, Seeding, Severity
from .explained import TITLES
from .outcome import Measured, Measurement

_SEED_CALLS = {name: call for name, (_, call) in program.SEED_LINES.items()} | program.OWN_GENERATORS


def of_operators(measurement: Measurement) -> Finding:
    """The finding of the program's own operators."""
    failed = sorted((one for one in measurement.measured if one.outcome != "repeats"), key=_rank)
    repeat = len(measurement.measured) - len(failed)
    evidence: dict[str, JsonValue] = {"repeat": repeat, "left out": len(measurement.left_out)}
    if not failed:
        outcome = "pass" if measurement.measured else "inconclusive"
        message = (
            f"{repeat} of {repeat} operator signatures repeated"
            if repeat
            else "no operator signature of the program could be called again"
        )
        return Finding(
            check=program.OPERATORS,
            framework="python",
            outcome=outcome,
            severity="high",
            title=TITLES[program.OPERATORS],
            message=message,
            evidence=evidence,
        )
    worst = failed[0]
    severity: Severity = "high" if worst.bad else "medium"
    kind: Kind = "setup" if all(one.cured for one in failed if one.bad) and worst.bad else "release"
    evidence["signatures"] = {one.signature.id: _evidence(one) for one in failed}
    place = worst.signature.first
    tensors = worst.signature.tensors()
    reach = Reach(
        state="reached",
        file=place.file,
        line=place.line,
        count=worst.signature.calls,
        operator=worst.signature.operator,
        dtype=str(tensors[0].get("tensor", "")) if tensors else "",
        device=str(tensors[0].get("device", "")) if tensors else "",
        module=place.module,
        backward=place.backward,
    )
    bad = [one for one in failed if one.bad]
    shown = "; ".join(described(one) for one in (bad or failed)[:3])
    more = f"; and {len(bad or failed) - 3} more" if len(bad or failed) > 3 else ""
    return Finding(
        check=program.OPERATORS,
        framework="python",
        outcome="fail",
        severity=severity,
        kind=kind,
        reach=reach,
        title=TITLES[program.OPERATORS],
        message=f"{repeat} of {len(measurement.measured)} operator signatures repeated; {shown}{more}",
        evidence=evidence,
        remedy=_remedy(bad),
    )


def _rank(one: Measured) -> tuple[bool, bool, int]:
    return not one.bad, one.cured, -one.signature.calls


def described(one: Measured) -> str:
    """`index_put at train.py:41, backward (races: 20 results in 20 calls)`."""
    place = one.signature.first
    where = f" at {place.text}" if place.text else ""
    backward = ", backward" if place.backward else ""
    count = f": {one.results} results in {one.calls} calls" if one.bad else ""
    cure = f"; {program.switch_of(one.signature.operator)[1]} cures it, measured" if one.cured else ""
    name = one.signature.operator.partition("::")[2] or one.signature.operator
    return f"{name}{where}{backward} ({program.OUTCOMES[one.outcome]}{count}{cure})"


def _evidence(one: Measured) -> dict[str, JsonValue]:
    place = one.signature.first
    return {
        "operator": one.signature.operator,
        "outcome": one.outcome,
        "severity": "high" if one.bad else "medium",
        "kind": "setup" if one.cured else "release",
        "results": one.results,
        "calls": one.calls,
        "cured by the switch": one.cured,
        "inputs": [f"{told.get('tensor')}{told.get('shape')}" for told in one.signature.tensors()],
        "file": place.file,
        "line": place.line,
        "module": place.module,
        "backward": place.backward,
        "called": one.signature.calls,
    }


def _remedy(bad: Sequence[Measured]) -> str:
    if not bad:
        return "Run on every machine with the same number of threads (OMP_NUM_THREADS)."
    if any(one.cured for one in bad):
        rest = "" if all(one.cured for one in bad) else " It does not cure all of them: replace the others."
        switches = dict.fromkeys(program.switch_of(one.signature.operator)[1] for one in bad if one.cured)
        return f"Call {' and '.join(f'`{one}`' for one in switches)} before the first operation.{rest}"
    return "Replace these operators: no switch was measured to cure them."


def of_seeds(seeds: Sequence[Seeding], unseen: Sequence[str]) -> Finding:
    """The finding of the generators that the program draws from."""
    unseeded = [one for one in seeds if not one.seeded]
    evidence: dict[str, JsonValue] = {"generators": {one.generator: one.model_dump(mode="json") for one in seeds}}
    if unseeded:
        told = "; ".join(seed_text(one) for one in unseeded)
        calls = ", ".join(f"`{_SEED_CALLS[one.generator]}`" for one in unseeded if one.generator in _SEED_CALLS)
        return Finding(
            check=program.SEEDS,
            framework="python",
            outcome="fail",
            severity="high",
            kind="setup",
            title=TITLES[program.SEEDS],
            message=told,
            evidence=evidence,
            remedy=f"Seed it before the first draw: {calls}." if calls else "Seed it before the first draw.",
        )
    message = f"{len(seeds)} generators were drawn from, each seeded before" if seeds else "no draw was seen"
    return Finding(
        check=program.SEEDS,
        framework="python",
        outcome="inconclusive" if unseen else "pass",
        severity="high",
        title=TITLES[program.SEEDS],
        message=message + (f", as far as it was seen: {unseen[0]}" if unseen else ""),
        evidence=evidence,
    )


def seed_text(one: Seeding) -> str:
    """`numpy is never seeded (drawn at data.py:12)`."""
    where = f" (drawn at {Path(one.file).name}:{one.line})" if one.line else ""
    if one.seeded_at:
        return f"{one.generator} draws before it is seeded{where}"
    return f"{one.generator} is never seeded{where}"
