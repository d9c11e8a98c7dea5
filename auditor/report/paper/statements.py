"""
What a manifest shows, in sentences for a paper: never more than it holds, and always what would go unnoticed.

Sentences are plain text that may hold values of the manifest: a format quotes each as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...factors.factors import FACTORS
from ...manifest.models import Experiment, Finding, Replay, Varied
from ...manifest.program import OPERATORS, failed_of
from ...manifest.queries import of_outcome
from ...quoting.inert import as_text, hex_float, shortened
from ...render import attached, claims, summary
from ..source import Reported
from . import left_out
from .numbers import counted, few, percent

SHOWN = 5
"""Names listed in a sentence; the manifest has all of them."""


def all_of(reported: Reported) -> list[str]:
    """The sentences in order, without the one that names the manifest."""
    predicate = reported.manifest.predicate
    found = [sentence for one in predicate.replays for sentence in replay(one)]
    found += [claims.verdict(one) for one in predicate.claims]
    if predicate.experiment is not None:
        found.append(program(predicate.experiment, predicate.findings))
    return [*found, checks(reported), left_out.sentence(predicate)]


def replay(one: Replay) -> Iterator[str]:
    """How the runs of an experiment came out, and what its results depend on."""
    ended = {
        "": "",
        "interrupted": " The replay was interrupted.",
        "budget": " Its budget ended before a cause was proven.",
    }
    yield f"{_verdict(one)}{ended[one.partial]}"
    yield _factors(one)


def _verdict(one: Replay) -> str:
    runs = f"{counted(one.runs, 'run', capital=True)} of the experiment"
    if one.verdict == "diverged":
        place = as_text(one.divergence.get("op", ""))
        source = one.divergence.get("source")
        line = f" ({as_text(source.get('file'))}:{as_text(source.get('line'))})" if isinstance(source, dict) else ""
        first = f"; the first operation that differs is {shortened(place)}{shortened(line)}" if place else ""
        cause = as_text(one.divergence.get("cause", ""))
        return (
            f"{runs} did not give the same results{first}{f'; cause: {shortened(cause)}' if cause else ''}{_cure(one)}."
        )
    if one.verdict == "inconclusive":
        why = f": {shortened(one.problems[0])}" if one.problems else ""
        return f"{runs} prove neither agreement nor divergence{why}."
    bound = hex_float(one.rate_bound_95)
    unnoticed = summary.unnoticed(bound) if bound is not None else "the manifest gives no bound for what went unnoticed"
    return f"{runs} {attached.agreement(one)}; {unnoticed}."


def _cure(one: Replay) -> str:
    if not one.remedy:
        return ""
    proven = "proven by further runs" if one.remedy.get("proven") is True else "not proven"
    return f"; suggested cure ({proven}): {shortened(as_text(one.remedy.get('text', '')))}"


def _factors(one: Replay) -> str:
    """One setting at a time: what moves results, what does not, and what is not known."""
    if not one.sensitivity:
        return "No setting of the environment was varied, so what the result depends on was not measured."
    said = _of_equal(one.sensitivity) if one.verdict != "diverged" else _of_unequal(one.sensitivity)
    unknown = [row for row in one.sensitivity if row.verdict == "inconclusive"]
    not_told = [f"{INCONCLUSIVE} {_listed(unknown)}"] if unknown else []
    return f"{TRIED} {'; '.join([*said, *not_told])}."


TRIED = "Of the settings changed one at a time, in few runs each, so that rare differences go unnoticed:"
INCONCLUSIVE = "it could not be told for"


def _of_equal(rows: Sequence[Varied]) -> Iterator[str]:
    """Runs agree without a change: do runs under it differ from them? That it decides the difference is not proven."""
    moving = [row for row in rows if row.verdict == "diverged"]
    same = [row for row in rows if row.verdict == "identical" and not row.relative_difference]
    rounded = [row for row in rows if row.verdict == "identical" and row.relative_difference]
    if moving:
        yield f"runs differed from these under another value of {_listed(moving)}"
    if same:
        yield f"no difference was seen under another value of {_listed(same)}"
    if rounded:
        yield f"none beyond rounding was seen under another value of {_listed(rounded)}"


def _of_unequal(rows: Sequence[Varied]) -> Iterator[str]:
    """Runs differ without a change: do they agree under it?"""
    for verdict, words in (("identical", "runs agree with each other under"), ("diverged", "they still differ under")):
        chosen = [row for row in rows if row.verdict == verdict]
        if chosen:
            yield f"{words} {_listed(chosen)}"


def _listed(rows: Sequence[Varied]) -> str:
    return ", ".join(map(factor, rows))


def factor(row: Varied) -> str:
    """A factor in words, with the value that was tried and the number of runs."""
    meaning = FACTORS[row.factor].meaning if row.factor in FACTORS else shortened(row.factor, 60)
    return (
        f"{meaning} ({shortened(row.factor, 60)}={shortened(row.value, 60)}, {counted(row.runs, 'run')}{_details(row)})"
    )


def _details(row: Varied) -> str:
    apart = hex_float(row.relative_difference)
    return f", largest relative difference {apart:.1g}" if apart is not None else ""


def program(experiment: Experiment, findings: Sequence[Finding]) -> str:
    """What was measured of the operators of an audited program."""
    told = f"The program called {counted(experiment.signatures, 'operator signature')}"
    if not experiment.measured:
        return f"{told}; none was called again, so whether they repeat is not known."
    failed = failed_of(findings, OPERATORS)
    held = failed.evidence.get("signatures") if failed else None
    moved = len(held) if isinstance(held, dict) else None
    count = len(experiment.measured)
    again = f"{told}, of which {few(count)} {'was' if count == 1 else 'were'} called again"
    if failed is None:
        passed = any(item.check == OPERATORS and item.outcome == "pass" for item in findings)
        return f"{again}; {'each gave the same bits' if passed else 'the manifest holds no verdict about their bits'}."
    many = "some" if moved is None else f"{few(moved)}"
    return f"{again}; {many} did not always give the same bits."


def checks(reported: Reported) -> str:
    """The audit of the environment: its tier and date, what held and with which bound, and what failed."""
    predicate = reported.manifest.predicate
    tier = f"tier {predicate.run.tier}, {reported.date}, auditor {shortened(predicate.auditor.version, 40)}"
    if not predicate.findings:
        return f"No check of the environment was judged ({tier})."
    failed = of_outcome(predicate.findings, "fail")
    named = f"; failed: {names([item.check for item in failed])}" if failed else ""
    return (
        f"The audit of the environment ({tier}) gave: {summary.counts(predicate.findings)}"
        f"{bound_of_checks(predicate.findings)}{named}."
    )


def bound_of_checks(findings: Sequence[Finding]) -> str:
    """The weakest bound of the checks that held."""
    held = of_outcome(findings, "pass")
    bounds = [rate for rate in map(_rate, held) if rate is not None]
    if not held:
        return ""
    if not bounds:
        return " (the manifest gives no bound for what the checks that held did not notice)"
    some = "" if len(bounds) == len(held) else f"for {few(len(bounds))} of those that held a bound is known: "
    return f" ({some}a divergence rate up to {percent(max(bounds))} would go unnoticed by the weakest, 95 % confidence)"


def _rate(finding: Finding) -> float | None:
    text = finding.evidence.get("rate_bound_95")
    return hex_float(text) if isinstance(text, str) else None


def names(ids: Sequence[str]) -> str:
    """The first ids, and how many more there are."""
    shown = ", ".join(shortened(name, 80) for name in ids[:SHOWN])
    return f"{shown} and {len(ids) - SHOWN} more" if len(ids) > SHOWN else shown
