"""
From the evidence at an origin to what could have caused it, in the order in which it is tried.

A hypothesis is a counterfactual: settings under which the origin must vanish if the hypothesis is right. Their order is
that of REPLAY.md's table; whether one holds is for `prove.py` to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..cures import CURES, SEED_LINES
from .findings import LISTINGS, STATEMENTS, Origin, Prior
from .frameworks import framework_of
from .model import Cause
from .records import Source

CLOCKS = ("time.", "datetime.")
GLOBAL = ("random.", "numpy.random.")
PIPELINE = "tf.IteratorGetNext"


@dataclass(frozen=True)
class Hypothesis:
    """A cause, the settings that take it away, and the cure that a user would write."""

    factor: str
    settings: dict[str, str]
    cause: Cause
    text: str
    """The cure in words."""
    env: dict[str, str] = field(default_factory=dict)
    code: str = ""


SEEDED_IN_PROCESS = ("torch", "tensorflow")
"""Frameworks whose default generator the recorder can seed before the program draws (the setting `seed`)."""


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
        yield from (*_of_priors(origin.before), *_without_evidence(framework))
        return
    match origin.evidence:
        case "draw-unseeded":
            yield from _seed(origin.generator or framework, origin.name, origin.from_system)
            yield _entropy(origin.generator or "python", origin.name, origin.from_system)
        case "reads-unwritten":
            yield _fill()
        case "same-inputs-other-outputs" if origin.name == PIPELINE:
            yield from (_pipeline(), _one_thread(framework), _fill(), *_of_priors(origin.before))
        case "same-inputs-other-outputs":
            yield from (*_switch(framework), _one_thread(framework), _fill(), *_of_priors(origin.before))
        case "other-order":
            yield from (_tasks(), _hash_seed(), _address(), _files(), _one_thread(framework))
        case "outside" if origin.other_set:  # names that the other run did not see have no order
            yield from _of_priors(origin.before)
            yield from _without_evidence(framework)
        case "outside" | "other-branch":
            yield from (*_of_value(origin.name), *_of_priors(origin.before))
            yield from _without_evidence(framework)
        case _:
            yield from _of_priors(origin.before)
            yield from (*_switch(framework), _one_thread(framework), *_without_evidence(framework))


def _without_evidence(framework: str) -> Iterator[Hypothesis]:
    # Tasks before addresses: those of what threads make depend on the threads as well, and hardly the other way round.
    yield from (_hash_seed(), _tasks(), _address(), _files(), _clock(), _entropy("python"), _fill())
    yield _one_thread(framework)
    yield from _seed(framework)


def _of_priors(before: Sequence[Prior]) -> Iterator[Hypothesis]:
    """By what came in before, the nearest first: a clock, a listing, entropy, a draw."""
    for prior in before:
        if prior.generator is not None and not prior.seeded:
            yield _entropy(prior.generator, prior.name)
        else:
            yield from _of_value(prior.name)


def _of_value(name: str) -> Iterator[Hypothesis]:
    """By the name of what came in."""
    if name.startswith(CLOCKS):
        yield _clock()
    elif name in LISTINGS:
        yield _files()
    elif name == "os.urandom":
        yield _from_system()


def _seed(generator: str, name: str = "", from_system: Source | None = None) -> Iterator[Hypothesis]:
    """Only for a default generator that can be seeded from outside the program; others take the system's entropy."""
    if generator in SEEDED_IN_PROCESS:
        line = SEED_LINES.get(name) or SEED_LINES[generator]
        text = f"Call `{line}` before the first draw: nothing in the program was seen to seed this generator."
        if name in SEED_LINES:
            text = f"Call `{line}` before the first draw: this generator takes the system's entropy where none is set."
        if from_system:
            text = _instead(line, from_system)
        yield Hypothesis("seed", {"seed": "0"}, "unseeded-random", text, code=line)


def _instead(line: str, call: Source) -> str:
    return f"Write `{line}` in place of the call at line {call.line}, which takes its seed from the system's entropy."


def _entropy(generator: str, maker: str = "", from_system: Source | None = None) -> Hypothesis:
    line = SEED_LINES.get(maker) or SEED_LINES.get(generator) or SEED_LINES["python"]
    text = f"Give the generator a seed (`{line}`, or its own argument): it takes the system's entropy."
    if from_system:
        text = _instead(line, from_system)
    return Hypothesis("entropy", {"entropy": "fixed"}, "unseeded-random", text, code=line)


def _from_system() -> Hypothesis:
    text = "Take a fixed value in place of the system's entropy, or give a seed to the generator that asks for it."
    return Hypothesis("entropy", {"entropy": "fixed"}, "unseeded-random", text)


def _switch(framework: str) -> Iterator[Hypothesis]:
    """Where the framework has one that can be called."""
    cure = CURES["framework-switch"]
    if lines := cure.code_for(framework):
        text = f"Call `{lines[-1]}` at the start: the order in which the operation's threads arrive decides its result."
        yield Hypothesis(cure.name, dict(cure.settings), "nondeterministic-op", text, code="\n".join(lines))


def _pipeline() -> Hypothesis:
    """Of what `tf.data` gives; the switch is what is proven, and it makes such maps sequential."""
    cure = CURES["framework-switch"]
    lines = cure.code_for("tensorflow")
    text = (
        f"Call `{lines[-1]}` at the start (this is what was tried here), or take the chance out of the `tf.data`"
        " pipeline: `num_parallel_calls=1` for a map that draws at random, `deterministic=True` for `map` and"
        " `interleave`, `seed=0` for `shuffle`. Its threads race."
    )
    return Hypothesis(cure.name, dict(cure.settings), "nondeterministic-op", text, code="\n".join(lines))


def _one_thread(framework: str) -> Hypothesis:
    cure = CURES["one-thread"]
    env = cure.variables_for(framework, gpu=False)
    text = "Run it with one thread, or use another operation: its threads race, and no switch was found to order them."
    return Hypothesis("threads", dict(cure.settings), "nondeterministic-op", text, env=env)


def _fill() -> Hypothesis:
    text = (
        "Write the memory before it is read: `zeros` in place of `empty`, or another release of the operator. A fixed "
        "fill of fresh memory makes the runs equal; it hides the fault and does not cure it."
    )
    return Hypothesis("memory-fill", {"memory-fill": "85"}, "uninitialised-memory", text)


def _hash_seed() -> Hypothesis:
    text = "Sort the set before its order matters (`sorted(...)`), or set PYTHONHASHSEED before Python starts."
    cure = CURES["hash-seed"]
    env = cure.variables_for("python", gpu=False)
    return Hypothesis("hash-seed", dict(cure.settings), "hash-order", text, env=env)


def _address() -> Hypothesis:
    text = "Give the objects an order of their own (a key, a name): they are taken in the order of their addresses."
    return Hypothesis("address-layout", {"address-layout": "fixed"}, "address-order", text)


def _files() -> Hypothesis:
    text = "Sort the listing: `sorted(os.listdir(...))`."
    return Hypothesis("file-order", {"file-order": "reversed"}, "file-order", text, code="sorted(os.listdir(folder))")


def _clock() -> Hypothesis:
    text = "Take the clock out of what is computed: a fixed value in place of the time."
    return Hypothesis("clock", {"clock": "ticking"}, "clock", text)


def _tasks() -> Hypothesis:
    text = "Take the results in the order of submission (`executor.map`, or sort them): tasks finish in any order."
    return Hypothesis("task-order", {"task-order": "submitted"}, "thread-order", text)
