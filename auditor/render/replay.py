"""
A replay's result as text, in the order of a reader in a hurry: verdict, what differs, where, why, cure, cost.

Text from a program (code, file names) is hostile data: control characters are made visible.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence

from ..quoting.inert import shortened, visible
from ..replay.model import (
    Cause,
    Divergence,
    Proof,
    Reproducer,
    Result,
    Sensitivity,
    Spread,
    Stopped,
    TriedFactor,
    Vanished,
)

CODE_CHARACTERS = 120
TEXT_CHARACTERS = 160
MOST_LINES = 4
"""Limit of the differing lines of output that are shown."""
MOST_OUTPUTS = 6
SAME_START = "Each run started from the same files"
FINDS_EARLIER = {
    "not-looked-for": "it was not seen to look for what an earlier run wrote",
    "same": "one that finds what the first one wrote ended with the same operations, or the same last line",
    "ends-otherwise": "a run that finds what the first one wrote ends with another exit code, or is not recorded whole",
    "varies": "runs that find what the first one wrote end differently from each other, which was not looked into",
}
NOT_TRIED = "a run that finds what an earlier one wrote was not tried"
MOST_REFUTED = 3
"""So many refuted factors have a line each; more share one."""
LONG_SECONDS = 90.0
"""From here on a time is told in minutes."""
PARTIAL: dict[Stopped, str] = {
    "interrupted": "This replay was interrupted: what follows is what was known by then.",
    "budget": "The budget ended before a cause was proven; more runs may decide (--budget, --budget-minutes).",
}
NOTE_CHARACTERS = 140
ROUNDING_CHARACTERS = 280
"""Limit of a note that shows two lines of output."""
CAUSES: dict[Cause, str] = {
    "unseeded-random": "a draw from a generator that was not seeded",
    "seeded-too-late": "a draw from a generator before the program seeds it",
    "nondeterministic-op": "an operation whose threads race",
    "uninitialised-memory": "a read of uninitialised memory",
    "hash-order": "the iteration order of a set, which depends on the string hash seed",
    "address-order": "the order of objects by their memory addresses",
    "file-order": "the order in which a folder lists its files",
    "clock": "the time of day",
    "thread-order": "the order in which tasks finish",
    "outside-input": "an external value",
    "outside-state": "something outside the program that changes between runs",
    "compile": "a compiled program",
    "data-cache": "the data that libraries keep between runs",
    "earlier-run": "files that an earlier run left",
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
ABSORBED = (
    "In these runs the operations that read the difference gave equal outputs all the same, as a maximum or a rounding"
    " does; in a longer run they need not."
)
REMOVES = "{} removes the divergence; why is not shown, since no evidence at its origin is of that kind"


def text(result: Result) -> str:
    """The whole result for a terminal: verdict, what differs, where, why, cure, cost; then what else was asked for."""
    found = result.divergence
    parts = [_verdict(result), _differing(result), _divergence(found) if found else (), _cure(result), _rest(result)]
    return "\n".join(line for part in parts for line in part)


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
        yield f"{_counted(files, 'file')} that it wrote {'was' if files == 1 else 'were'} compared by content."
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


def _divergence(found: Divergence) -> Iterator[str]:
    """Where it begins, and why."""
    yield ""
    if found.op:
        yield from _beginning(found)
    else:
        yield "No recorded operation began the divergence: only what the program printed or wrote differs."
        yield from _lines(found)
    yield f"Cause: {found.cause} ({CAUSES[found.cause]})"
    if found.absorbed:
        yield f"  {ABSORBED}"
    if found.because:
        yield f"  {visible(shortened(found.because, 300))}"
    if found.op:
        yield f"  Evidence: {EVIDENCE.get(found.evidence, found.evidence)}{_inputs(found)}"
        yield from _generator(found)
    if found.proof is not None:
        yield from _proof(found.proof)
    yield from _tried(found.ruled_out)


def _tried(tried: Sequence[TriedFactor]) -> Iterator[str]:
    """What was tried and not proven; where much was refuted, that stands in one line."""
    refuted = [one for one in tried if one.diverged and not one.note]
    if len(refuted) > MOST_REFUTED:
        names = (f"{one.factor} ({_counted(one.runs, 'run')})" if one.runs else one.factor for one in refuted)
        yield f"  tried, and it {OUTCOMES[True]}: {', '.join(names)}"
        tried = [one for one in tried if one not in refuted]
    for one in tried:
        note = f": {visible(shortened(one.note, 160))}" if one.note else ""
        if one.runs:
            yield f"  tried {one.factor} ({_counted(one.runs, 'run')}): {OUTCOMES[one.diverged]}{note}"
        elif one.diverged:
            yield f"  tried {one.factor} together with others: {OUTCOMES[True]}{note}"
        else:
            yield f"  did not try {one.factor}{note}"


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
    yield f"Where it begins: {visible(found.op)}{_place(found)}"
    yield from _lines(found)
    if found.module:
        yield f"  In the module {visible(found.module)}"
    if found.max_ulp is not None or found.outputs != found.meta.split(";"):
        for output in found.outputs[:MOST_OUTPUTS]:
            yield f"  Output differs: {visible(shortened(output, 160))}"
    if found.zoom:
        yield f"  Inside it: {visible(shortened(found.zoom, 300))}"
    if found.reaches:
        yield f"  Visible at: {visible(found.reaches)}"
    if found.received:
        yield f"  Received the difference: process {', '.join(visible(one) for one in found.received[:6])}"


def _generator(found: Divergence) -> Iterator[str]:
    if found.generator:
        yield f"  The generator is {visible(found.generator)}'s; {_seeded(found)}."


def _seeded(found: Divergence) -> str:
    if found.from_system is not None:
        return f"line {found.from_system.line} seeded it from the system's entropy"
    if (later := found.seeded_later) is not None:
        return f"it is seeded only later, at {visible(later.file)}:{later.line}"
    if found.seeded is None:
        return "its seed differs"
    return "it had been seeded before" if found.seeded else "no recorded call seeded it"


def _lines(found: Divergence) -> Iterator[str]:
    if found.source is not None:
        yield f"  {visible(found.source.file)}:{found.source.line}"
        yield f"    {visible(shortened(found.source.code, CODE_CHARACTERS))}"
    if found.inside:
        yield f"  Inside it: {visible(shortened(found.inside, CODE_CHARACTERS))} takes the system's entropy"
    if (caller := found.called_from) is not None:
        yield f"  Called from {visible(caller.file)}:{caller.line}"
        yield f"    {visible(shortened(caller.code, CODE_CHARACTERS))}"
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
    return f"Cost: {_counted(result.runs, 'run')} for the verdict and {result.further_runs} more, {told} in all."


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
    fault = " (a fault: no result may depend on it)" if agreed and innocent and one.verdict == "diverged" else ""
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
