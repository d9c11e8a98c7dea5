"""
Hypotheses about the cause, from the evidence at an origin, in the order in which they are tried.

A hypothesis names settings under which the origin must vanish if it is right; `counterfactual` tests it. The order is
that of the table in docs/explanation/replay.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...factors.cures import NUMPY_MAKERS, SEED_LINES
from ..model import Cause
from ..provenance.origin_model import LISTINGS, STATEMENTS, EarlierValue, Origin
from ..provenance.seeds import SEEN_IN_STATE, library_of
from ..runs.recorded import frameworks_of, is_concurrent
from ..runs.run import Run
from ..trace.frameworks import framework_of
from . import interventions
from .interventions import OWN_OF_TENSORFLOW, Hypothesis, TooLate

CLOCKS = ("time.", "datetime.")
GLOBAL = ("random.", "numpy.random.")
CALLED = re.compile(r"\b(\w+)\(")
SEED_SEQUENCE = "numpy.random.SeedSequence"
"""What every generator of NumPy's makes that is not given a seed."""
MADE = re.compile(rf"\b({'|'.join(NUMPY_MAKERS)})\(")
ENTROPY = ("os.urandom", "random.Random", SEED_SEQUENCE)
"""Reads of the system's entropy; the last two by a library, for a generator of its own."""
SAVED_STATES = ("random.getstate", "numpy.random.get_state")
"""Reads of the state of a global generator that nothing had seeded."""
PIPELINE = "tf.IteratorGetNext"


def of_run(origin: Origin | None, run: Run) -> list[Hypothesis]:
    """The hypotheses about an origin of this run; other tasks in its process point to their order."""
    found = hypotheses(origin, frameworks_of(run))
    concurrent = origin is not None and is_concurrent(run, origin.key.lineage)
    return [replace(one, pointed=True) if concurrent and one.factor == "task-order" else one for one in found]


def hypotheses(origin: Origin | None, program: frozenset[str] = frozenset()) -> list[Hypothesis]:
    """
    The hypotheses in order, each settings once; all of them without an origin (only printed output differs).

    `program` names the frameworks whose operations were recorded.
    """
    found = [interventions.of_keras(_too_late(origin))] if origin and _seeds_keras(origin, program) else []
    for one in _by_evidence(origin):
        if one.settings not in [other.settings for other in found]:
            found.append(one)
    return found


def _seeds_keras(origin: Origin, program: frozenset[str]) -> bool:
    """Whether a global Python or NumPy generator draws in a TensorFlow program: Keras takes its seeds from them."""
    if origin.evidence != "draw-unseeded" or "tensorflow" not in program or origin.from_system:
        return False
    return origin.name.startswith(GLOBAL) and origin.name not in SEED_LINES


def _by_evidence(origin: Origin | None) -> Iterator[Hypothesis]:
    if origin is None:
        yield from _without_evidence("python")
        return
    framework = framework_of(origin.name)
    if origin.name in STATEMENTS:
        yield from (*_of_earlier_values(origin.before), *_of_code(origin.source.code), *_without_evidence(framework))
        return
    match origin.evidence:
        case "draw-unseeded":
            yield from _of_draw(origin, framework)
        case "reads-unwritten":
            yield interventions.fill()
        case "same-inputs-other-outputs" if origin.name == PIPELINE:
            yield from (
                interventions.pipeline(),
                interventions.one_thread(framework),
                interventions.fill(),
                *_of_earlier_values(origin.before),
            )
        case "same-inputs-other-outputs":
            yield from (
                *interventions.switch(framework),
                interventions.one_thread(framework),
                interventions.fill(),
                *interventions.compilers_off(origin.name),
                *_of_earlier_values(origin.before),
            )
        case "other-order":
            yield from (
                interventions.task_order(),
                interventions.hash_seed(),
                interventions.address(),
                interventions.files(),
                interventions.one_thread(framework),
                *_of_earlier_values(origin.before),
            )
        case "outside" if origin.other_set:  # different names: their order is not the cause
            yield from _of_earlier_values(origin.before)
            yield from _without_evidence(framework)
        case "outside" | "other-branch":
            yield from (*_of_own_seed(origin), *_of_value(origin.name), *_of_earlier_values(origin.before))
            yield from _without_evidence(framework)
        case _:
            yield from _of_earlier_values(origin.before)
            yield from (
                *interventions.switch(framework),
                interventions.one_thread(framework),
                *_without_evidence(framework),
            )


def every_factor() -> frozenset[str]:
    """The factors that are tried where no evidence points to any: all that can be fixed in any program."""
    return frozenset(one.factor for one in _without_evidence("python"))


def _of_draw(origin: Origin, framework: str) -> Iterator[Hypothesis]:
    """A generator drew in another state: ways to seed it."""
    maker = OWN_OF_TENSORFLOW if OWN_OF_TENSORFLOW in origin.source.code else origin.name
    if framework == "torch" and origin.seeded and not origin.from_system:
        yield interventions.own_of_torch()
    late = _too_late(origin)
    yield from interventions.unseeded(origin.generator or framework, maker, origin.from_system, late)
    yield interventions.entropy(origin.generator or "python", maker, origin.from_system, late)


def _of_own_seed(origin: Origin) -> Iterator[Hypothesis]:
    """Of a seed that looks as if the generator took it from the system's entropy: to give it one."""
    if origin.name in SEEN_IN_STATE and origin.seeded is False:
        yield from interventions.unseeded("torch", origin.name)


def _too_late(draw: Origin | EarlierValue) -> TooLate | None:
    return TooLate(draw.source, draw.seeded_later) if draw.seeded_later else None


def _without_evidence(framework: str) -> Iterator[Hypothesis]:
    # Tasks before addresses: addresses of objects that threads make depend on the threads, hardly the reverse.
    # Memory fill before addresses: uninitialised memory often holds addresses, and a fill does not reorder objects.
    every = (
        interventions.hash_seed(),
        interventions.task_order(),
        interventions.fill(),
        interventions.address(),
        interventions.files(),
        interventions.clock(),
        interventions.entropy("python"),
        interventions.one_thread(framework),
        *interventions.unseeded(framework),
    )
    yield from (replace(one, pointed=False) for one in every)


def _of_earlier_values(before: Sequence[EarlierValue]) -> Iterator[Hypothesis]:
    """By the earlier values, the nearest first: a clock, a listing, entropy, a draw."""
    for value in before:
        if value.generator is not None and not value.seeded:
            yield interventions.entropy(value.generator, _maker(value), late=_too_late(value))
        else:
            yield from _of_value(value.name)


def _maker(value: EarlierValue) -> str:
    """What took the entropy: the class that the line names last, the innermost of several calls; or a method."""
    if value.name != SEED_SEQUENCE:
        return value.name
    code = value.source.code
    named = [*MADE.findall(code), *(["RandomState.seed"] if ".seed(" in code else [])] or ["RandomState"]
    return f"numpy.random.{named[-1]}"


def is_why(origin: Origin, proven: Hypothesis) -> bool:
    """Whether the proven factor fixes this kind of external value; a seed may come from any."""
    if origin.evidence == "draw-unseeded":
        return proven.cause in {"unseeded-random", "seeded-too-late"}
    own = causes_of(origin.name)
    return proven.cause in own if own else origin.generator is not None


def causes_of(name: str) -> list[Cause]:
    """The causes for which an external value of this name can stand."""
    return [one.cause for one in _of_value(name)]


def _of_value(name: str) -> Iterator[Hypothesis]:
    """By the name of an external value."""
    if name.startswith(CLOCKS):
        yield interventions.clock()
    elif name in LISTINGS:
        yield interventions.files()
    elif name in SAVED_STATES:
        yield interventions.entropy(library_of(name), name)
    elif name in ENTROPY:
        yield interventions.from_system()


def _of_code(code: str) -> Iterator[Hypothesis]:
    """By the functions that a statement calls, some of which leave no record: a guess that saves runs."""
    called = set(CALLED.findall(code))
    if called & {"now", "utcnow", "today", "strftime", "ctime", "asctime", "localtime", "gmtime", "uuid1"}:
        yield interventions.clock()
    if called & {
        "uuid4",
        "mkstemp",
        "mkdtemp",
        "NamedTemporaryFile",
        "TemporaryDirectory",
        "default_rng",
        "RandomState",
    }:
        yield interventions.from_system()
    if called & {"as_completed", "imap_unordered", "wait"}:
        yield interventions.task_order()
    if called & {"empty", "empty_like"}:
        yield interventions.fill()
    if called & {"id", "set", "frozenset"}:
        yield from (interventions.hash_seed(), interventions.address())
