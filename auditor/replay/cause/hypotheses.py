"""
From the evidence at an origin to what could have caused it, in the order in which it is tried.

A hypothesis is a counterfactual: settings under which the origin must vanish if the hypothesis is right. Their order is
that of the table in docs/explanation/replay.md; `counterfactual.py` finds out whether one holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...factors.cures import SEED_LINES
from ..model import Cause
from ..provenance.origin_model import LISTINGS, STATEMENTS, Origin, Prior
from ..trace.frameworks import framework_of
from . import interventions as by
from .interventions import OWN_OF_TENSORFLOW, Hypothesis

CLOCKS = ("time.", "datetime.")
GLOBAL = ("random.", "numpy.random.")
CALLED = re.compile(r"\b(\w+)\(")
PIPELINE = "tf.IteratorGetNext"


def hypotheses(origin: Origin | None, program: frozenset[str] = frozenset()) -> list[Hypothesis]:
    """
    What to try, in order; each settings once. Without an origin (only what is printed differs) everything.

    `program` names the frameworks whose operations were recorded.
    """
    found: list[Hypothesis] = []
    for one in _by_evidence(origin):
        if one.settings not in [other.settings for other in found]:
            found.append(_for_keras(one) if _seeds_keras(origin, program) else one)
    return found


def _seeds_keras(origin: Origin | None, program: frozenset[str]) -> bool:
    """Whether a global generator draws in a program of TensorFlow: Keras takes its own seeds from them."""
    if origin is None or origin.evidence != "draw-unseeded" or "tensorflow" not in program:
        return False
    return origin.name.startswith(GLOBAL) and origin.name not in SEED_LINES


def _for_keras(one: Hypothesis) -> Hypothesis:
    if one.factor != "entropy":
        return one
    line = SEED_LINES["tensorflow"]
    text = (
        f"Call `{line}` before the first layer is made: it seeds Python, NumPy and TensorFlow, and Keras takes the"
        " seeds of its layers from Python's generator."
    )
    return replace(one, text=text, code=line)


def _by_evidence(origin: Origin | None) -> Iterator[Hypothesis]:
    if origin is None:
        yield from _without_evidence("python")
        return
    framework = framework_of(origin.name)
    if origin.name in STATEMENTS:
        yield from (*_of_priors(origin.before), *_of_code(origin.source.code), *_without_evidence(framework))
        return
    match origin.evidence:
        case "draw-unseeded":
            yield from _of_draw(origin, framework)
        case "reads-unwritten":
            yield by.fill()
        case "same-inputs-other-outputs" if origin.name == PIPELINE:
            yield from (
                by.pipeline(),
                by.one_thread(framework),
                by.fill(),
                *_of_priors(origin.before),
            )
        case "same-inputs-other-outputs":
            yield from (
                *by.switch(framework),
                by.one_thread(framework),
                by.fill(),
                *_of_priors(origin.before),
            )
        case "other-order":
            yield from (
                by.task_order(),
                by.hash_seed(),
                by.address(),
                by.files(),
                by.one_thread(framework),
            )
        case "outside" if origin.other_set:  # names that the other run did not see have no order
            yield from _of_priors(origin.before)
            yield from _without_evidence(framework)
        case "outside" | "other-branch":
            yield from (*_of_value(origin.name), *_of_priors(origin.before))
            yield from _without_evidence(framework)
        case _:
            yield from _of_priors(origin.before)
            yield from (*by.switch(framework), by.one_thread(framework), *_without_evidence(framework))


def _of_draw(origin: Origin, framework: str) -> Iterator[Hypothesis]:
    """A generator draws in another state: which one it is, and how it can be seeded."""
    maker = OWN_OF_TENSORFLOW if OWN_OF_TENSORFLOW in origin.source.code else origin.name
    if framework == "torch" and origin.seeded and not origin.from_system:
        yield by.own_of_torch()
    yield from by.unseeded(origin.generator or framework, maker, origin.from_system)
    yield by.entropy(origin.generator or "python", maker, origin.from_system)


def _without_evidence(framework: str) -> Iterator[Hypothesis]:
    # Tasks before addresses: those of what threads make depend on the threads as well, and hardly the other way round.
    # A fill before addresses: what nobody wrote mostly holds some, and no fill changes in which order objects lie.
    yield from (
        by.hash_seed(),
        by.task_order(),
        by.fill(),
        by.address(),
        by.files(),
        by.clock(),
        by.entropy("python"),
    )
    yield by.one_thread(framework)
    yield from by.unseeded(framework)


def _of_priors(before: Sequence[Prior]) -> Iterator[Hypothesis]:
    """By what came in before, the nearest first: a clock, a listing, entropy, a draw."""
    for prior in before:
        if prior.generator is not None and not prior.seeded:
            yield by.entropy(prior.generator, prior.name)
        else:
            yield from _of_value(prior.name)


def is_why(origin: Origin, proven: Hypothesis) -> bool:
    """Whether the value that came in there is of the kind that the proven factor takes away; a seed may be any."""
    if origin.evidence == "draw-unseeded":
        return proven.cause == "unseeded-random"
    own = causes_of(origin.name)
    return proven.cause in own if own else origin.generator is not None


def causes_of(name: str) -> list[Cause]:
    """What a value that came in by this name can be the cause of."""
    return [one.cause for one in _of_value(name)]


def _of_value(name: str) -> Iterator[Hypothesis]:
    """By the name of what came in."""
    if name.startswith(CLOCKS):
        yield by.clock()
    elif name in LISTINGS:
        yield by.files()
    elif name == "os.urandom":
        yield by.from_system()


def _of_code(code: str) -> Iterator[Hypothesis]:
    """By what a statement calls: a guess, which saves runs where it is right. Some of it leaves no record."""
    called = set(CALLED.findall(code))
    if called & {"now", "utcnow", "today", "strftime", "ctime", "asctime", "localtime", "gmtime", "uuid1"}:
        yield by.clock()
    if called & {
        "uuid4",
        "mkstemp",
        "mkdtemp",
        "NamedTemporaryFile",
        "TemporaryDirectory",
        "default_rng",
        "RandomState",
    }:
        yield by.from_system()
    if called & {"as_completed", "imap_unordered", "wait"}:
        yield by.task_order()
    if called & {"empty", "empty_like"}:
        yield by.fill()
    if called & {"id"}:
        yield from (by.hash_seed(), by.address())
