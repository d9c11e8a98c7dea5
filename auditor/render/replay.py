"""
A replay's result for a terminal and for report.md: the verdict, the line, the cause, the cure, how sure.

What comes from a program (its code, its file names) is hostile data, and is made visible before it is shown.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from ..quoting.inert import shortened, visible
from ..replay.model import Divergence, Reproducer, Result, Sensitivity, Spread

CODE_CHARACTERS = 120
MOST_OUTPUTS = 6
CAUSES = {
    "unseeded-random": "a draw from a generator that no seed had reached",
    "nondeterministic-op": "an operation whose threads race",
    "uninitialised-memory": "memory that was read before anybody had written it",
    "hash-order": "the order of a set of strings, which the string hash seed decides",
    "address-order": "the order of objects by their addresses in memory",
    "file-order": "the order in which a folder lists its files",
    "clock": "the time of day",
    "thread-order": "the order in which tasks finish",
    "outside-input": "a value that came in from outside",
    "unknown": "not known",
}
EVIDENCE = {
    "draw-unseeded": "a random draw",
    "same-inputs-other-outputs": "its inputs are the same bits in both runs, its outputs are not",
    "reads-unwritten": "it reads memory that nobody had written",
    "outside": "a value came in that was another one",
    "other-order": "equal values in another order",
    "other-branch": "the runs took different branches",
    "first-to-differ": "the first operation with other bits",
}
SAID = ("same-inputs-other-outputs", "draw-unseeded", "reads-unwritten")
"""Evidence that says by itself how its inputs stand."""
OUTCOMES = {True: "it still diverges", False: "vanished, but not proven", None: "not comparable"}


def text(result: Result) -> str:
    """The whole result for a terminal."""
    return "\n".join([*_verdict(result), *_divergence(result), *_cure(result), *_rest(result)])


def _verdict(result: Result) -> Iterator[str]:
    made = f"{_counted(result.runs, 'run')}, {_counted(result.ops, 'operation')} recorded"
    if result.verdict == "identical":
        bound = result.confidence.rate_bound_95
        yield f"IDENTICAL: {made}, every bit the same."
        if bound is not None:
            yield f"With 95 % confidence under {bound:.0%} of runs differ; more --runs make that surer."
        if not result.ops:
            yield "No operation of a framework was recorded: what was compared is what the program printed and wrote."
    elif result.verdict == "diverged":
        yield f"DIVERGED: {made}."
    else:
        yield f"INCONCLUSIVE: {made}. This is no proof of anything."
    if result.outputs_differ:
        yield f"Other bits in: {', '.join(visible(name) for name in result.outputs_differ[:8])}"
    for problem in result.problems:
        yield f"  {visible(shortened(problem, 300))}"


def _divergence(result: Result) -> Iterator[str]:
    found = result.divergence
    if found is None:
        return
    yield ""
    if found.op:
        yield from _beginning(found)
    else:
        yield "Where it began is not among the recorded operations: only what the program printed or wrote differs."
    yield f"Cause: {found.cause} ({CAUSES[found.cause]})"
    for tried in found.ruled_out:
        note = f": {visible(shortened(tried.note, 160))}" if tried.note else ""
        if tried.runs:
            yield f"  tried {tried.factor} ({_counted(tried.runs, 'run')}): {OUTCOMES[tried.diverged]}{note}"
        else:
            yield f"  did not try {tried.factor}{note}"


def _beginning(found: Divergence) -> Iterator[str]:
    yield f"It begins here: {visible(found.op)}{_place(found)}"
    yield from _lines(found)
    if found.module:
        yield f"  In the module {visible(found.module)}"
    yield f"  What was seen: {EVIDENCE.get(found.evidence, found.evidence)}{_inputs(found)}"
    if found.max_ulp is not None or found.outputs != found.meta.split(";"):
        for output in found.outputs[:MOST_OUTPUTS]:
            yield f"  Its outputs differ: {visible(shortened(output, 160))}"
    if found.zoom:
        yield f"  Inside it: {visible(shortened(found.zoom, 300))}"
    if found.generator:
        seeded = "nothing was seen to seed it" if found.seeded is False else "it had been seeded before"
        if found.from_system is not None:
            seeded = f"line {found.from_system.line} seeded it from the system's entropy"
        yield f"  The generator is {visible(found.generator)}'s; {seeded}."
    if found.reaches:
        yield f"  It reaches what the program reads out: {visible(found.reaches)}"
    if found.received:
        yield f"  Differs only because of it: process {', '.join(visible(one) for one in found.received[:6])}"


def _lines(found: Divergence) -> Iterator[str]:
    if found.source is not None:
        yield f"  {visible(found.source.file)}:{found.source.line}"
        yield f"    {visible(shortened(found.source.code, CODE_CHARACTERS))}"
    if found.enters is not None:
        yield f"  What it gives enters at {visible(found.enters.file)}:{found.enters.line}"


def _place(found: Divergence) -> str:
    where = f", rank {found.rank}" if found.rank is not None else ""
    process = f" in the child process {visible(found.process)}" if found.process != "main" else ""
    task = f", task {found.task}" if found.task else ""
    task += f", the {_ordinal(found.step + 1)} time at its line" if found.step else ""
    return f"{process}{task}{where}"


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _inputs(found: Divergence) -> str:
    if found.inputs_equal is None or found.evidence in SAID:
        return ""
    return " (its inputs are equal in both runs)" if found.inputs_equal else " (its inputs differ)"


def _cure(result: Result) -> Iterator[str]:
    cure = result.remedy
    if cure is None:
        return
    yield f"Cure ({'proven here' if cure.proven else 'not proven'}): {cure.text}"
    for name, value in cure.env.items():
        yield f"    export {name}={value}"
    if cure.cost is not None:
        yield f"  Run time under it: {cure.cost:.2f} times that without it."
    if cure.remaining:
        yield f"  It is not all: under it runs still differ, first in {visible(shortened(cure.remaining, 300))}."
        yield "  Replay again with the cure in place."


def _reproducer(made: Reproducer) -> str:
    if not made.calls:
        return f"Reproducer: {visible(shortened(made.note, 300))}"
    told = f"{made.diverged} of {made.calls} calls gave other bits than the first"
    note = f" ({visible(made.note)})" if made.note else ""
    return f"Reproducer: {visible(made.folder)}/reproduce.py; when it was run, {told}{note}"


def _rest(result: Result) -> Iterator[str]:
    if result.reproducer is not None:
        yield _reproducer(result.reproducer)
    if result.sensitivity:
        yield ""
        if result.verdict == "diverged":
            yield "Under each factor alone, are the runs equal to each other?"
        else:
            yield "What this experiment's result depends on (each changed alone):"
        for one in result.sensitivity:
            yield _sensitivity(one, agreed=result.verdict != "diverged")
        yield from _steadied(result)
    if result.metric is not None:
        yield from _metric(result.metric)


def _sensitivity(one: Sensitivity, *, agreed: bool) -> str:
    first = f"  first: {visible(shortened(one.first, 140))}" if one.first else ""
    note = f"  {visible(shortened(one.note, 140))}" if one.note else ""
    fault = " (no result may depend on it)" if agreed and one.innocent and one.verdict == "diverged" else ""
    setting = f"{one.factor}={one.value}"
    return f"  {setting:<24} {one.verdict:<12} {_counted(one.runs, 'run'):<7}{fault}{first}{note}".rstrip()


def _steadied(result: Result) -> Iterator[str]:
    """Where the runs as they are diverge: which factors make them equal."""
    if result.verdict != "diverged":
        return
    equal = [f"{one.factor}={one.value}" for one in result.sensitivity if one.verdict == "identical"]
    yield f"The runs are equal under: {', '.join(equal) or 'none of these alone'}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _metric(metric: Spread) -> Iterator[str]:
    yield ""
    yield f"The number itself ({visible(metric.pattern)}):"
    for title, values in (("over repeats", metric.repeats), ("over seeds", metric.seeds)):
        if values:
            spread = max(values) - min(values)
            yield f"  {title}: {len(values)} values, {min(values):g} to {max(values):g} (spread {spread:g})"
    if len(metric.repeats) > 1 and len(metric.seeds) > 1:
        own, other = statistics.pstdev(metric.repeats), statistics.pstdev(metric.seeds)
        if own and other:
            yield f"  The spread over repeats is {own / other:.2g} of that over seeds."
