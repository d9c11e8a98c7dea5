"""
Where a replay's runs diverge first, and why: the lines between what differs and the cure.

Text from a program (code, file names) is hostile data: control characters are made visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..quoting.inert import shortened, visible
from ..replay.model import Cause, Divergence, Proof, TriedFactor

CODE_CHARACTERS = 120
MOST_OUTPUTS = 6
MOST_REFUTED = 3
"""So many refuted factors have a line each; more share one."""
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


def divergence(found: Divergence) -> Iterator[str]:
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
        names = (f"{one.factor} ({counted(one.runs, 'run')})" if one.runs else one.factor for one in refuted)
        yield f"  tried, and it {OUTCOMES[True]}: {', '.join(names)}"
        tried = [one for one in tried if one not in refuted]
    for one in tried:
        note = f": {visible(shortened(one.note, 160))}" if one.note else ""
        if one.runs:
            yield f"  tried {one.factor} ({counted(one.runs, 'run')}): {OUTCOMES[one.diverged]}{note}"
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


def counted(number: int, what: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
