"""
A replay's result as text, in the order of a reader in a hurry: verdict, what differs, where, why, cure, cost.

Text from a program (code, file names) is hostile data: control characters are made visible.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from ..quoting.inert import shortened, visible
from ..replay.model import Reproducer, Result, Sensitivity, Spread, Stopped, Vanished
from .attached import fault
from .divergence import counted, divergence

TEXT_CHARACTERS = 160
MOST_LINES = 4
"""Limit of the differing lines of output that are shown."""
SAME_START = "Each run started from the same files"
FINDS_EARLIER = {
    "not-looked-for": "it was not seen to look for what an earlier run wrote",
    "same": "one that finds what the first one wrote ended with the same operations, or the same last line",
    "ends-otherwise": "a run that finds what the first one wrote ends with another exit code, or is not recorded whole",
    "varies": "runs that find what the first one wrote end differently from each other, which was not looked into",
}
NOT_TRIED = "a run that finds what an earlier one wrote was not tried"
LONG_SECONDS = 90.0
"""From here on a time is told in minutes."""
PARTIAL: dict[Stopped, str] = {
    "interrupted": "This replay was interrupted: what follows is what was known by then.",
    "budget": "The budget ended before a cause was proven; more runs may decide (--budget, --budget-minutes).",
}
NOTE_CHARACTERS = 140
ROUNDING_CHARACTERS = 280
"""Limit of a note that shows two lines of output."""


def text(result: Result) -> str:
    """The whole result for a terminal: verdict, what differs, where, why, cure, cost; then what else was asked for."""
    found = result.divergence
    parts = [_verdict(result), _differing(result), divergence(found) if found else (), _cure(result), _rest(result)]
    return "\n".join(line for part in parts for line in part)


def _verdict(result: Result) -> Iterator[str]:
    made = f"{counted(result.runs, 'run')}, {counted(result.ops, 'operation')} recorded"
    if result.verdict == "identical":
        bound = result.confidence.rate_bound_95
        but = " but in printed times" if result.only_times else ""
        yield f"IDENTICAL: {made}, no difference in {counted(result.runs, 'run')}{but}."
        if bound is not None:
            yield _bound(result.runs, bound)
        if not result.ops:
            yield "No operation of a framework was recorded: only the program's output and files were compared."
    elif result.verdict == "diverged":
        yield f"DIVERGED: {made}."
        if result.earlier_files and result.earlier_files.effect == "other":
            yield "Runs from the same files are identical; runs that find what the first one wrote give other results."
    else:
        yield f"INCONCLUSIVE: {made}. The runs prove neither agreement nor divergence."
    if result.partial_why:
        yield PARTIAL[result.partial_why]
    if result.verdict != "diverged":
        yield from _limits(result)


def _limits(result: Result) -> Iterator[str]:
    """Why it is inconclusive, or what limits it."""
    for problem in result.problems:
        yield f"  {visible(shortened(problem, 300))}"


def _differing(result: Result) -> Iterator[str]:
    """What differs."""
    if result.outputs_differ:
        yield f"Different content in: {', '.join(visible(name) for name in result.outputs_differ[:8])}"
    for one in result.vanished:
        yield f"  A difference that reaches nothing: {_made(one)}."
    yield from _texts(result)
    yield from _files(result)


def _files(result: Result) -> Iterator[str]:
    """Where files differ first, and what was not compared."""
    streams = {"stdout", "stderr", *(line.stream for line in (*result.only_times, *result.texts))}
    for one in [one for one in result.differences if one.where not in streams][:MOST_LINES]:
        place = f" at {visible(shortened(one.place, TEXT_CHARACTERS))}" if one.place else ""
        yield f"  {visible(one.where)}{place}"
        yield f"    {visible(shortened(one.first, TEXT_CHARACTERS))}"
        yield f"    {visible(shortened(one.second, TEXT_CHARACTERS))}"
    files = sum(one.count for one in result.compared if one.kind.startswith("files"))
    if files:
        yield f"{counted(files, 'file')} that it wrote {'was' if files == 1 else 'were'} compared by content."
        if result.verdict == "identical":
            effect = result.earlier_files.effect if result.earlier_files else ""
            yield f"  {SAME_START}; {FINDS_EARLIER.get(effect, NOT_TRIED)}."
    for left in result.not_compared[:MOST_LINES]:
        yield f"Not compared: {visible(shortened(left.what, TEXT_CHARACTERS))}: {visible(shortened(left.why, 200))}"
    if len(result.not_compared) > MOST_LINES:
        yield f"Not compared: {len(result.not_compared) - MOST_LINES} more, which --json lists."


def _made(one: Vanished) -> str:
    """What differs, and what took it."""
    made, taken = (f"{visible(line.file)}:{line.line}" if line else "?" for line in (one.source, one.taken_at))
    return f"an output of {visible(one.op)} at {made}, which {visible(one.taken_by)} at {taken} does not read"


def _texts(result: Result) -> Iterator[str]:
    """The lines that differ, side by side."""
    if result.only_times:
        yield "These lines differ, in times, process ids and the like only:"
    for line in (*result.only_times, *result.texts)[:MOST_LINES]:
        yield f"  {line.stream}:{line.line}  {visible(shortened(line.first, TEXT_CHARACTERS))}"
        yield f"  {' ' * len(f'{line.stream}:{line.line}')}  {visible(shortened(line.second, TEXT_CHARACTERS))}"


def _bound(runs: int, bound: float) -> str:
    return (
        f"{runs} runs agreed; a divergence rate up to {bound:.0%} would go unnoticed (95 % confidence)."
        " More --runs lower that bound."
    )


def _cure(result: Result) -> Iterator[str]:
    cure = result.remedy
    if cure is None:
        return
    yield f"Cure ({'proven here' if cure.proven else 'not proven'}): {visible(cure.text)}"
    for name, value in cure.env.items():
        yield f"    export {name}={value}"
    if cure.ran:
        yield f"  What was run here is not that change itself: {visible(shortened(cure.ran, 300))}."
    if cure.cost is not None:
        yield f"  Run time with the cure: {cure.cost:.2f} times that without it."
    if cure.remaining:
        yield f"  The cure is partial: runs still differ under it, first in {visible(shortened(cure.remaining, 300))}."
        yield "  Replay again with the cure in place."


def _reproducer(made: Reproducer) -> str:
    if not made.calls:
        return f"Reproducer: {visible(shortened(made.note, 300))}"
    outcome = f"in our run the output of {made.diverged} of {made.calls} calls differed from the first"
    note = f" ({visible(made.note)})" if made.note else ""
    return f"Reproducer: {visible(made.folder)}/reproduce.py; {outcome}{note}"


def _cost(result: Result) -> str:
    """How many runs it took, and how long."""
    seconds = sum(result.seconds) + result.further_seconds
    told = f"{seconds / 60:.0f} min" if seconds >= LONG_SECONDS else f"{seconds:.0f} s"
    return f"Cost: {counted(result.runs, 'run')} for the verdict and {result.further_runs} more, {told} in all."


def _rest(result: Result) -> Iterator[str]:
    if result.verdict == "diverged":
        yield from _limits(result)
    if result.further_runs:
        yield _cost(result)
    if result.reproducer is not None:
        yield _reproducer(result.reproducer)
    if result.sensitivity:
        yield ""
        if result.verdict == "diverged":
            yield "Sensitivity: do runs under one factor alone agree with each other?"
        else:
            yield "Sensitivity: does a run under one factor alone agree with the baseline?"
        for one in result.sensitivity:
            yield _sensitivity(one, agreed=result.verdict != "diverged")
        yield from _agreeing_factors(result)
    if result.metric is not None:
        yield from _metric(result.metric)


def _sensitivity(one: Sensitivity, *, agreed: bool) -> str:
    first = f"  first: {visible(shortened(one.first, 140))}" if one.first else ""
    most = NOTE_CHARACTERS if one.relative_difference is None else ROUNDING_CHARACTERS
    note = f"  {visible(shortened(one.note, most))}" if one.note else ""
    innocent = one.innocent or one.relative_difference is not None
    told = fault(innocent, agreed=agreed) if one.verdict == "diverged" else ""
    setting = f"{one.factor}={one.value}"
    return f"  {setting:<24} {one.verdict:<12} {counted(one.runs, 'run'):<7}{told}{first}{note}".rstrip()


def _agreeing_factors(result: Result) -> Iterator[str]:
    """If the baseline runs diverge: the factors under which runs agree."""
    if result.verdict != "diverged":
        return
    equal = [f"{one.factor}={one.value}" for one in result.sensitivity if one.verdict == "identical"]
    yield f"Runs agree under: {', '.join(equal) or 'none of these factors alone'}."


def _metric(metric: Spread) -> Iterator[str]:
    yield ""
    yield f"Metric ({visible(metric.pattern)}):"
    for title, values in (("over repeats", metric.repeats), ("over seeds", metric.seeds)):
        if values:
            spread = max(values) - min(values)
            yield f"  {title}: {len(values)} values, {min(values):g} to {max(values):g} (spread {spread:g})"
    if len(metric.repeats) > 1 and len(metric.seeds) > 1:
        own, other = statistics.pstdev(metric.repeats), statistics.pstdev(metric.seeds)
        if own and other:
            yield f"  Standard deviation over repeats / over seeds: {own / other:.2g}"
