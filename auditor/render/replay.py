"""
A replay's result as text: verdict, origin, cause, cure, confidence, sensitivity and metric.

Text from a program (code, file names) is hostile data: control characters are made visible.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping

from ..quoting.inert import shortened, visible
from ..replay.model import Cause, Divergence, Proof, Reproducer, Result, Sensitivity, Spread

CODE_CHARACTERS = 120
TEXT_CHARACTERS = 160
MOST_LINES = 4
"""Limit of the differing lines of output that are shown."""
MOST_OUTPUTS = 6
CAUSES: dict[Cause, str] = {
    "unseeded-random": "a draw from a generator that was not seeded",
    "nondeterministic-op": "an operation whose threads race",
    "uninitialised-memory": "a read of uninitialised memory",
    "hash-order": "the iteration order of a set, which depends on the string hash seed",
    "address-order": "the order of objects by their memory addresses",
    "file-order": "the order in which a folder lists its files",
    "clock": "the time of day",
    "thread-order": "the order in which tasks finish",
    "outside-input": "an external value",
    "unknown": "not known",
}
EVIDENCE = {
    "draw-unseeded": "a random draw",
    "same-inputs-other-outputs": "equal inputs in both runs, different outputs",
    "reads-unwritten": "it reads uninitialised memory",
    "outside": "an external value differs",
    "other-order": "equal values in another order",
    "other-branch": "the runs took different branches",
    "first-to-differ": "the first operation whose output differs",
    "output": "only what the program printed or wrote differs",
}
STATES_INPUTS = ("same-inputs-other-outputs", "draw-unseeded", "reads-unwritten")
"""Evidence whose words already say whether the inputs are equal."""
OUTCOMES = {True: "still diverges", False: "the divergence vanished, but this is not proven", None: "not comparable"}
REMOVES = "{} removes the divergence; why is not shown, since no evidence at its origin is of that kind"


def text(result: Result) -> str:
    """The whole result for a terminal."""
    return "\n".join([*_verdict(result), *_divergence(result), *_cure(result), *_rest(result)])


def _verdict(result: Result) -> Iterator[str]:
    made = f"{_counted(result.runs, 'run')}, {_counted(result.ops, 'operation')} recorded"
    if result.verdict == "identical":
        bound = result.confidence.rate_bound_95
        but = " but in printed times" if result.only_times else ""
        yield f"IDENTICAL: {made}, no difference in {_counted(result.runs, 'run')}{but}."
        if bound is not None:
            yield _bound(result.runs, bound)
        if not result.ops:
            yield "No operation of a framework was recorded: only the program's output and files were compared."
    elif result.verdict == "diverged":
        yield f"DIVERGED: {made}."
    else:
        yield f"INCONCLUSIVE: {made}. The runs prove neither agreement nor divergence."
    if result.outputs_differ:
        yield f"Different content in: {', '.join(visible(name) for name in result.outputs_differ[:8])}"
    for problem in result.problems:
        yield f"  {visible(shortened(problem, 300))}"
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
        yield f"{_counted(files, 'file')} that it wrote {'was' if files == 1 else 'were'} compared by content."
    for left in result.not_compared[:MOST_LINES]:
        yield f"Not compared: {visible(shortened(left.what, TEXT_CHARACTERS))}: {visible(shortened(left.why, 200))}"
    if len(result.not_compared) > MOST_LINES:
        yield f"Not compared: {len(result.not_compared) - MOST_LINES} more, which --json lists."


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


def _divergence(result: Result) -> Iterator[str]:
    found = result.divergence
    if found is None:
        return
    yield ""
    if found.op:
        yield from _beginning(found)
    else:
        yield "No recorded operation began the divergence: only what the program printed or wrote differs."
    yield f"Cause: {found.cause} ({CAUSES[found.cause]})"
    if found.proof is not None:
        yield from _proof(found.proof)
    for tried in found.ruled_out:
        note = f": {visible(shortened(tried.note, 160))}" if tried.note else ""
        if tried.runs:
            yield f"  tried {tried.factor} ({_counted(tried.runs, 'run')}): {OUTCOMES[tried.diverged]}{note}"
        elif tried.diverged:
            yield f"  tried {tried.factor} together with others: {OUTCOMES[True]}{note}"
        else:
            yield f"  did not try {tried.factor}{note}"


def _proof(proof: Proof) -> Iterator[str]:
    set_to = _settings(proof.settings)
    if not proof.names_cause:
        yield f"  {REMOVES.format(set_to)}."
    if proof.switch:
        results = (
            f"{_settings(one.settings)} gave one result in {one.runs} of {one.runs} runs" for one in proof.switch
        )
        yield f"  Proven: {', '.join(results)}; these are results that came without it too. A coin drew the value."
        return
    values = f" ({proof.values} values of it)" if proof.values > 1 else ""
    yield (
        f"  Proven: it occurs in 0 of {proof.clean} runs with {set_to}{values}, and in {proof.shown} of {proof.without}"
        f" without; a coin drew which run had it. A rate up to {proof.residual_95:.0%} with it would go unnoticed."
    )


def _settings(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _beginning(found: Divergence) -> Iterator[str]:
    yield f"Origin: {visible(found.op)}{_place(found)}"
    yield from _lines(found)
    if found.module:
        yield f"  In the module {visible(found.module)}"
    yield f"  Evidence: {EVIDENCE.get(found.evidence, found.evidence)}{_inputs(found)}"
    if found.max_ulp is not None or found.outputs != found.meta.split(";"):
        for output in found.outputs[:MOST_OUTPUTS]:
            yield f"  Output differs: {visible(shortened(output, 160))}"
    if found.zoom:
        yield f"  Inside it: {visible(shortened(found.zoom, 300))}"
    if found.generator:
        seeded = "no recorded call seeded it" if found.seeded is False else "it had been seeded before"
        if found.from_system is not None:
            seeded = f"line {found.from_system.line} seeded it from the system's entropy"
        yield f"  The generator is {visible(found.generator)}'s; {seeded}."
    if found.reaches:
        yield f"  Visible at: {visible(found.reaches)}"
    if found.received:
        yield f"  Received the difference: process {', '.join(visible(one) for one in found.received[:6])}"


def _lines(found: Divergence) -> Iterator[str]:
    if found.source is not None:
        yield f"  {visible(found.source.file)}:{found.source.line}"
        yield f"    {visible(shortened(found.source.code, CODE_CHARACTERS))}"
    if found.enters is not None:
        yield f"  Its value enters the framework at {visible(found.enters.file)}:{found.enters.line}"


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
    if found.inputs_equal is None or found.evidence in STATES_INPUTS:
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


def _rest(result: Result) -> Iterator[str]:
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
    note = f"  {visible(shortened(one.note, 140))}" if one.note else ""
    fault = " (a fault: no result may depend on it)" if agreed and one.innocent and one.verdict == "diverged" else ""
    setting = f"{one.factor}={one.value}"
    return f"  {setting:<24} {one.verdict:<12} {_counted(one.runs, 'run'):<7}{fault}{first}{note}".rstrip()


def _agreeing_factors(result: Result) -> Iterator[str]:
    """If the baseline runs diverge: the factors under which runs agree."""
    if result.verdict != "diverged":
        return
    equal = [f"{one.factor}={one.value}" for one in result.sensitivity if one.verdict == "identical"]
    yield f"Runs agree under: {', '.join(equal) or 'none of these factors alone'}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


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
