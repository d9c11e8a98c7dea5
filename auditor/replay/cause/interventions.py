"""
What can make runs differ, one function for each: the settings that take it away, and what a user would write.

Which of them is tried where, and in which order, is for `hypotheses.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...factors.cures import CURES, SEED_LINES
from ..model import Cause
from ..trace.format import SourceLine

OWN_OF_TENSORFLOW = "from_non_deterministic_state"
"""What makes a generator of the program's own; the global one is made by TensorFlow, from entropy too."""


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


def unseeded(generator: str, name: str = "", from_system: SourceLine | None = None) -> Iterator[Hypothesis]:
    """Only for a default generator that can be seeded from outside the program; others take the system's entropy."""
    if generator in SEEDED_IN_PROCESS:
        line = SEED_LINES.get(name) or SEED_LINES[generator]
        text = f"Call `{line}` before the first draw: nothing in the program was seen to seed this generator."
        if name in SEED_LINES:
            text = f"Call `{line}` before the first draw: this generator takes the system's entropy where none is set."
        if name == OWN_OF_TENSORFLOW:
            text = f"Make the generator with `{line}` there: `{name}` takes the system's entropy, and no seed is asked."
        if from_system:
            text = _instead(line, from_system)
        yield Hypothesis("seed", {"seed": "0"}, "unseeded-random", text, code=line)


def own_of_torch() -> Hypothesis:
    """The program seeds torch, and what draws is in another state all the same."""
    line = "generator.manual_seed(0)"
    text = (
        f"Seed the generator that is drawn from with its own `{line}`: torch is seeded, and this generator is another"
        " one, or takes its seed from the system's entropy later (`Generator.seed()`)."
    )
    return Hypothesis("seed", {"seed": "0"}, "unseeded-random", text, code=line)


def _instead(line: str, call: SourceLine) -> str:
    return f"Write `{line}` in place of the call at line {call.line}, which takes its seed from the system's entropy."


def entropy(generator: str, maker: str = "", from_system: SourceLine | None = None) -> Hypothesis:
    """A generator of Python's or NumPy's, seeded by the system: entropy becomes the same in each run."""
    line = SEED_LINES.get(maker) or SEED_LINES.get(generator) or SEED_LINES["python"]
    text = f"Give the generator a seed (`{line}`, or its own argument): it takes the system's entropy."
    if from_system:
        text = _instead(line, from_system)
    return Hypothesis("entropy", {"entropy": "fixed"}, "unseeded-random", text, code=line)


def from_system() -> Hypothesis:
    """Entropy that the program takes itself."""
    text = "Take a fixed value in place of the system's entropy, or give a seed to the generator that asks for it."
    return Hypothesis("entropy", {"entropy": "fixed"}, "unseeded-random", text)


def switch(framework: str) -> Iterator[Hypothesis]:
    """Where the framework has one that can be called."""
    cure = CURES["framework-switch"]
    if lines := cure.code_for(framework):
        text = f"Call `{lines[-1]}` at the start: the order in which the operation's threads arrive decides its result."
        yield Hypothesis(cure.name, dict(cure.settings), "nondeterministic-op", text, code=lines[-1])


def pipeline() -> Hypothesis:
    """Of what `tf.data` gives; the switch is what is proven, and it makes such maps sequential."""
    cure = CURES["framework-switch"]
    lines = cure.code_for("tensorflow")
    text = (
        f"Call `{lines[-1]}` at the start (this is what was tried here), or take the chance out of the `tf.data`"
        " pipeline: `num_parallel_calls=1` for a map that draws at random, `deterministic=True` for `map` and"
        " `interleave`, `seed=0` for `shuffle`. Its threads race."
    )
    return Hypothesis(cure.name, dict(cure.settings), "nondeterministic-op", text, code=lines[-1])


def one_thread(framework: str) -> Hypothesis:
    """Where no switch of the framework orders its threads."""
    cure = CURES["one-thread"]
    env = cure.variables_for(framework, gpu=False)
    text = "Run it with one thread, or use another operation: its threads race, and no switch was found to order them."
    return Hypothesis("threads", dict(cure.settings), "nondeterministic-op", text, env=env)


def fill() -> Hypothesis:
    """Memory that was read before it was written."""
    text = (
        "Write the memory before it is read: `zeros` in place of `empty`, or another release of the operator. A fixed "
        "fill of fresh memory makes the runs equal; it hides the fault and does not cure it."
    )
    return Hypothesis("memory-fill", {"memory-fill": "85"}, "uninitialised-memory", text)


def hash_seed() -> Hypothesis:
    """Sets and dictionaries in the order of Python's hashes."""
    text = "Sort the set before its order matters (`sorted(...)`), or set PYTHONHASHSEED before Python starts."
    cure = CURES["hash-seed"]
    env = cure.variables_for("python", gpu=False)
    return Hypothesis("hash-seed", dict(cure.settings), "hash-order", text, env=env)


def address() -> Hypothesis:
    """Objects in the order of where they lie in memory."""
    text = "Give the objects an order of their own (a key, a name): they are taken in the order of their addresses."
    # Python's own hashes as well, which decide in which order objects are made: without them fixed addresses moved in
    # one run of eight. That they alone are not the cause has been tried before.
    settings = {"address-layout": "fixed", "hash-seed": "0"}
    return Hypothesis("address-layout", settings, "address-order", text)


def files() -> Hypothesis:
    """What a folder lists, in the file system's order."""
    text = "Sort the listing: `sorted(os.listdir(...))`."
    return Hypothesis("file-order", {"file-order": "reversed"}, "file-order", text, code="sorted(os.listdir(folder))")


def clock() -> Hypothesis:
    """The time, and how long something took."""
    text = "Take the clock out of what is computed: a fixed value in place of the time."
    return Hypothesis("clock", {"clock": "ticking"}, "clock", text)


def task_order() -> Hypothesis:
    """Tasks of threads and pools, in the order in which they happen to end."""
    text = "Take the results in the order of submission (`executor.map`, or sort them): tasks finish in any order."
    return Hypothesis("task-order", {"task-order": "submitted"}, "thread-order", text)
