"""What the rule `identical` says: sentences about factors, suspects and agreement, and their evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import JsonValue

from ..catalogue.catalogue import CheckInfo
from ..confidence import rate_bound_95
from ..factors.factors import FACTORS, pooled
from ..manifest.models import Reading
from . import operators
from .readings import compared, conditions, names_text, processes
from .suspects import PERTURBED, Confirmation


def innocent(factor: str) -> bool:
    """Whether no result may depend on the factor; `perturbed` changes only such factors."""
    return factor == PERTURBED or (factor in FACTORS and FACTORS[factor].innocent)


def no_cause(told: Sequence[Confirmation], unstable: Collection[str]) -> str:
    """That no cause of these names is established, with what the confirmation of suspects showed."""
    parts = []
    for one in told:
        names = [name for name in one.suspect.names if name in unstable]
        if names:
            least, what = min(one.followed[name] for name in names), meaning(one.suspect.factor)
            parts.append(
                f"{what} decided {least} of {one.processes} fresh processes, not all"
                if one.processes
                else f"that {what} decides it could not be confirmed: no fresh process answered"
            )
    return "; cause not established" + (f" ({'; '.join(parts)})" if parts else "")


def coin_message(told: Sequence[Confirmation]) -> str:
    """How the factors were confirmed."""
    counts = sorted({one.processes for one in told if one.confirmed})
    return f" (in {counts[0]} of {counts[0]} fresh processes whose value a coin drew)" if counts else ""


def told_evidence(told: Sequence[Confirmation]) -> dict[str, JsonValue]:
    """Each suspect with its processes, and how many followed the coin."""
    if not told:
        return {}
    rows: list[JsonValue] = [
        {
            "factor": one.suspect.factor,
            "arms": [dict(arm) for arm in one.suspect.arms],
            "processes": one.processes,
            "followed": dict(one.followed),
            "confirmed": list(one.confirmed),
        }
        for one in told
    ]
    return {"suspects": rows}


def moved_message(factor: str, names: Sequence[str]) -> str:
    """That names change with a factor, beside what else a sentence tells."""
    recorded = "" if innocent(factor) else " (recorded, not a fault: no framework promises equal results here)"
    return f"; {names_text(names)} {changes(names)} with {meaning(factor)}{recorded}"


def changes(names: Sequence[str]) -> str:
    """The verb for one name or several."""
    return "changes" if len(names) == 1 else "change"


def samples(readings: Sequence[Reading], names: Sequence[str]) -> dict[str, JsonValue]:
    """The differing samples of names that are entries of a table of operators, as evidence."""
    samples = operators.differing_samples(readings, names)
    return {"samples": operators.samples_text(readings, samples)} if samples else {}


def meaning(factor: str) -> str:
    """A factor's meaning; `perturbed` stands for all pooled factors."""
    if factor in FACTORS:
        return FACTORS[factor].meaning
    return ", ".join(FACTORS[name].meaning for name in pooled()) + " together, and with none of them alone"


def agreement_message(check: CheckInfo, base: Sequence[Reading]) -> str:
    """What agreed, in how many readings, under which factors, and what would have gone unnoticed."""
    count = len({name for reading in base for name in compared(reading)})
    factors = [name for name in check.across if name in FACTORS]
    if PERTURBED in check.across:
        factors += [name for name in pooled() if name not in factors]
    varied = f", and when {', '.join(FACTORS[name].meaning for name in factors)} change" if factors else ""
    calls = f"{len(base)} readings" if len(base) > 1 else "1 reading"
    told = f"{count} values agree bit for bit in {calls} of {processes(base)} unchanged processes{varied}"
    return f"{told}{of_all(base)}{_sure(base)}"


def of_all(base: Sequence[Reading]) -> str:
    """Of how many cases those are a part, as their conditions tell; empty where all were measured."""
    for cells, every in ((found.get("cells"), found.get("of")) for found in map(conditions, base)):
        if isinstance(cells, int) and isinstance(every, int) and cells < every:
            return f"; {cells} of {every} cases were measured (--all measures the rest)"
    return ""


def _sure(base: Sequence[Reading]) -> str:
    """The largest divergence rates that would go unnoticed, of faults that strike calls and that strike processes."""
    calls, whole = rate_bound_95(len(base)), rate_bound_95(processes(base))
    told = [
        f"{100 * bound:.0f} % of {unit}"
        for bound, unit in ((calls, "calls"), (whole, "processes"))
        if bound is not None
    ]
    return f"; a fault in up to {' or '.join(told)} would go unnoticed (95 % confidence)" if told else ""
