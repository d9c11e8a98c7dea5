"""
From the evidence at an origin to what could have caused it, in the order in which it is tried.

A hypothesis is a counterfactual: settings under which the origin must vanish if the hypothesis is right. Their order is
that of REPLAY.md's table; whether one holds is for `prove.py` to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .findings import Origin, Prior
from .model import Cause


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


SEED_LINES = {
    "torch": "torch.manual_seed(0)",
    "python": "random.seed(0)",
    "numpy": "numpy.random.seed(0)",
    "numpy generator": "numpy.random.default_rng(0)",
    "tensorflow": "tf.random.set_seed(0)",
}


def hypotheses(origin: Origin | None) -> list[Hypothesis]:
    """What to try, in order; each settings once. Without an origin (only what is printed differs) everything."""
    found: list[Hypothesis] = []
    for one in _by_evidence(origin):
        if one.settings not in [other.settings for other in found]:
            found.append(one)
    return found


def _by_evidence(origin: Origin | None) -> Iterator[Hypothesis]:
    if origin is None:
        yield from _without_evidence()
        return
    match origin.evidence:
        case "draw-unseeded":
            yield _seed(origin.generator or "torch")
            yield _entropy(origin.generator or "python")
        case "reads-unwritten":
            yield _fill()
        case "same-inputs-other-outputs":
            yield from (_switch(), _one_thread(), _fill(), *_of_priors(origin.before))
        case "other-order":
            yield from (_tasks(), _hash_seed(), _address(), _files(), _one_thread())
        case "outside" | "other-branch":
            yield from _of_priors(origin.before)
            yield from _without_evidence()
        case _:
            yield from _of_priors(origin.before)
            yield from (_switch(), *_without_evidence())


def _without_evidence() -> tuple[Hypothesis, ...]:
    return (
        _hash_seed(),
        _address(),
        _files(),
        _clock(),
        _entropy("python"),
        _tasks(),
        _fill(),
        _one_thread(),
        _seed("torch"),
    )


def _of_priors(before: Sequence[Prior]) -> Iterator[Hypothesis]:
    """By what came in before, the nearest first: a clock, a listing, entropy, a draw."""
    for prior in before:
        if prior.generator is not None and not prior.seeded:
            yield _entropy(prior.generator)
        elif prior.name.startswith("time."):
            yield _clock()
        elif prior.name in ("os.listdir", "os.scandir", "glob.glob"):
            yield _files()
        elif prior.name == "os.urandom":
            yield _entropy("python")


def _seed(generator: str) -> Hypothesis:
    line = SEED_LINES.get(generator, SEED_LINES["torch"])
    if generator != "torch":
        return _entropy(generator)
    text = f"Call `{line}` before the first draw: nothing in the program was seen to seed this generator."
    return Hypothesis("seed", {"seed": "0"}, "unseeded-random", text, code=line)


def _entropy(generator: str) -> Hypothesis:
    line = SEED_LINES.get(generator, SEED_LINES["python"])
    text = f"Give the generator a seed (`{line}`, or its own argument): it takes the system's entropy."
    return Hypothesis("entropy", {"entropy": "fixed"}, "unseeded-random", text, code=line)


def _switch() -> Hypothesis:
    line = "torch.use_deterministic_algorithms(True)"
    text = f"Call `{line}` at the start: the operation adds up in the order in which its threads arrive."
    return Hypothesis("framework-switch", {"framework-switch": "on"}, "nondeterministic-op", text, code=line)


def _one_thread() -> Hypothesis:
    env = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    text = "Run it with one thread, or use another operation: its threads race, and no switch was found to order them."
    return Hypothesis("threads", {"threads": "1"}, "nondeterministic-op", text, env=env)


def _fill() -> Hypothesis:
    text = (
        "Write the memory before it is read: `zeros` in place of `empty`, or another release of the operator. A fixed "
        "fill of fresh memory makes the runs equal; it hides the fault and does not cure it."
    )
    return Hypothesis("memory-fill", {"memory-fill": "85"}, "uninitialised-memory", text)


def _hash_seed() -> Hypothesis:
    text = "Sort the set before its order matters (`sorted(...)`), or set PYTHONHASHSEED before Python starts."
    return Hypothesis("hash-seed", {"hash-seed": "0"}, "hash-order", text, env={"PYTHONHASHSEED": "0"})


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
