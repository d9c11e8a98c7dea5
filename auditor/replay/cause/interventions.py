"""
Interventions: for each cause the settings that remove it, and the cure for the user to write.

`hypotheses` decides which of them are tried, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...factors.cures import CURES, SEED_LINES
from ...quoting.inert import shortened, visible
from ..model import Cause
from ..runs.runner import ABSENT, EARLIER_FILES, FOUND
from ..trace.format import SourceLine

MOST_NAMES, MOST_NAME = 3, 80
"""Files that a cure names, and characters of a name."""
OWN_OF_TENSORFLOW = "from_non_deterministic_state"
"""The call that makes a generator of the program's own from the system's entropy."""


CALLED_LITERALLY = ("seed", "framework-switch")
"""Factors that call the line of code that is the cure, once the framework is imported."""
RAN = {
    "seed": "the framework's generators were seeded once it was imported, and their calls for entropy got fixed seeds",
    "entropy": "the system's entropy was the same bytes in each run",
    "memory-fill": "fresh memory was filled with one byte",
    "address-layout": "objects had the same addresses in each run",
    "hash-seed": "Python's hash seed was fixed",
    "file-order": "listings of folders had one order in each run",
    "clock": "a clock of our own went on by the same step with each call",
    "task-order": "tasks ended in the order in which they were submitted",
    "framework-switch": "the framework's determinism switch was on",
    "threads": "the frameworks ran with one thread",
    "compile": "the compilers were off",
    "data-cache": "each run got data caches of its own, which were empty",
    EARLIER_FILES: "each run found the files that the first one found, and not what it left",
}
"""Factor to what is done under it, for a cure that is another change."""


@dataclass(frozen=True)
class Hypothesis:
    """A cause, the settings that remove it, and the cure for the user to write."""

    factor: str
    settings: dict[str, str]
    cause: Cause
    text: str
    """The cure in words."""
    env: dict[str, str] = field(default_factory=dict)
    code: str = ""
    others: tuple[dict[str, str], ...] = ()
    """Further values of the factor, as settings. What vanishes under one value alone may be hidden by that value."""
    elsewhere: bool = False
    """Whether the line of code belongs to another place than the start, where the factor calls it."""
    pointed: bool = True
    """Whether the evidence at the origin is of this kind; else the factor is tried because nothing points elsewhere."""

    @property
    def values(self) -> tuple[dict[str, str], ...]:
        """The settings of each value of the factor, the one of the cure first."""
        return (self.settings, *self.others)

    @property
    def ran(self) -> str:
        """What is run for it, where that is not literally the cure: neither its variables nor its line of code."""
        literal = bool(self.env) or (bool(self.code) and self.factor in CALLED_LITERALLY and not self.elsewhere)
        told = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return "" if literal else f"{told} ({RAN[self.factor]})"

    @property
    def names_cause(self) -> bool:
        """
        Whether a proof shows the cause, and not merely what removes the origin.

        One thread or a fake clock can hide what they do not cause. They are named where the evidence at the origin is
        of their kind; a factor with several values is named because two of them remove it.
        """
        return self.pointed or bool(self.others)


def _values(factor: str, values: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Settings with each of these values."""
    return tuple({factor: value} for value in values)


OTHER_SEEDS = ("1", "2", "3", "4", "5")
OTHER_ENTROPY = ("fixed:1", "fixed:2", "fixed:3", "fixed:4", "fixed:5")
OTHER_FILLS = ("170", "255", "51", "204", "102")


@dataclass(frozen=True)
class TooLate:
    """A draw, and the call that seeds its generator only afterwards."""

    draw: SourceLine
    call: SourceLine

    def before(self, line: str) -> str:
        """The cure in words."""
        file, name = self.draw.file, Path(self.draw.file).name
        where = "" if file == self.call.file else f" of {name}"
        return (
            f"Seed before line {self.draw.line}{where}, for example with `{line}`: the seed call at line"
            f" {self.call.line} of {Path(self.call.file).name} comes only after this draw."
        )


SEEDED_IN_PROCESS = ("torch", "tensorflow")
"""Frameworks whose default generator the recorder can seed before the program draws (the setting `seed`)."""


def unseeded(
    generator: str, name: str = "", from_system: SourceLine | None = None, late: TooLate | None = None
) -> Iterator[Hypothesis]:
    """Only for a default generator that can be seeded from outside the program; others take the system's entropy."""
    if generator in SEEDED_IN_PROCESS:
        line = SEED_LINES.get(name) or SEED_LINES[generator]
        text = f"Call `{line}` before the first draw: no recorded call of the program seeded this generator."
        if name in SEED_LINES:
            text = f"Call `{line}` before the first draw: without a seed this generator takes the system's entropy."
        if name == OWN_OF_TENSORFLOW:
            text = f"Make the generator with `{line}` there: `{name}` takes the system's entropy."
        if from_system:
            text = _instead(line, from_system)
        elif late:
            text = late.before(line)
        others = _values("seed", OTHER_SEEDS)
        elsewhere = name == OWN_OF_TENSORFLOW
        cause = _unseeded_or_late(late)
        yield Hypothesis("seed", {"seed": "0"}, cause, text, code=line, others=others, elsewhere=elsewhere)


def _unseeded_or_late(late: TooLate | None) -> Cause:
    return "seeded-too-late" if late else "unseeded-random"


def of_keras(late: TooLate | None = None) -> Hypothesis:
    """A global generator of Python's or NumPy's, from which Keras takes the seeds of its layers: its own line."""
    line = SEED_LINES["tensorflow"]
    text = (
        f"{late.before(line)} It seeds Python, NumPy and TensorFlow."
        if late
        else f"Call `{line}` before the first layer is made: it seeds Python, NumPy and TensorFlow, and Keras takes the"
        " seeds of its layers from Python's generator."
    )
    others = _values("seed", OTHER_SEEDS)
    return Hypothesis("seed", {"seed": "0"}, _unseeded_or_late(late), text, code=line, others=others)


def own_of_torch() -> Hypothesis:
    """The program seeds torch, but this generator was in another state."""
    line = "generator.manual_seed(0)"
    text = (
        f"Seed the generator that is drawn from with its own `{line}`: torch is seeded, but this is another"
        " generator, or it is reseeded from the system's entropy later (`Generator.seed()`)."
    )
    others = _values("seed", OTHER_SEEDS)
    return Hypothesis("seed", {"seed": "0"}, "unseeded-random", text, code=line, others=others, elsewhere=True)


def _instead(line: str, call: SourceLine) -> str:
    return f"Write `{line}` in place of the call at line {call.line}, which takes its seed from the system's entropy."


def entropy(
    generator: str, maker: str = "", from_system: SourceLine | None = None, late: TooLate | None = None
) -> Hypothesis:
    """A generator of Python's or NumPy's that takes the system's entropy, which becomes equal in each run."""
    line = SEED_LINES.get(maker) or SEED_LINES.get(generator) or SEED_LINES["python"]
    text = f"Give the generator a seed (`{line}`, or its own argument): it takes the system's entropy."
    if from_system:
        text = _instead(line, from_system)
    elif late:
        text = late.before(line)
    others = _values("entropy", OTHER_ENTROPY)
    return Hypothesis("entropy", {"entropy": "fixed"}, _unseeded_or_late(late), text, code=line, others=others)


def from_system() -> Hypothesis:
    """Entropy that the program reads itself."""
    text = "Use a fixed value instead of the system's entropy, or seed the generator that reads it."
    others = _values("entropy", OTHER_ENTROPY)
    return Hypothesis("entropy", {"entropy": "fixed"}, "unseeded-random", text, others=others)


def switch(framework: str) -> Iterator[Hypothesis]:
    """The framework's determinism switch, if it has one that can be called."""
    cure = CURES["framework-switch"]
    if lines := cure.code_for(framework):
        text = (
            f"Call `{lines[-1]}` at the start: the result depends on the order in which the operation's threads finish."
        )
        yield Hypothesis(cure.name, dict(cure.settings), "nondeterministic-op", text, code=lines[-1])


def pipeline() -> Hypothesis:
    """For a value from `tf.data`: the switch is what is tested; it makes parallel maps sequential."""
    cure = CURES["framework-switch"]
    lines = cure.code_for("tensorflow")
    text = (
        f"Call `{lines[-1]}` at the start (this is what was tried here), or make the `tf.data` pipeline deterministic:"
        " `num_parallel_calls=1` for a map that draws at random, `deterministic=True` for `map` and `interleave`,"
        " `seed=0` for `shuffle`. Its threads race."
    )
    return Hypothesis(cure.name, dict(cure.settings), "nondeterministic-op", text, code=lines[-1])


def one_thread(framework: str) -> Hypothesis:
    """One thread, where no switch of the framework orders its threads."""
    cure = CURES["one-thread"]
    env = cure.variables_for(framework, gpu=False)
    text = "Run it with one thread, or use another operation: its threads race, and no switch was found to order them."
    return Hypothesis("threads", dict(cure.settings), "nondeterministic-op", text, env=env)


def fill() -> Hypothesis:
    """A fixed fill of uninitialised memory."""
    text = (
        "Write the memory before it is read: `zeros` in place of `empty`, or another release of the operator. A fixed "
        "fill of fresh memory makes the runs equal, but it hides the fault and does not cure it."
    )
    others = _values("memory-fill", OTHER_FILLS)
    return Hypothesis("memory-fill", {"memory-fill": "85"}, "uninitialised-memory", text, others=others)


def hash_seed() -> Hypothesis:
    """A fixed hash seed, for sets in the order of Python's hashes."""
    text = "Sort the set before its order matters (`sorted(...)`), or set PYTHONHASHSEED before Python starts."
    cure = CURES["hash-seed"]
    env = cure.variables_for("python", gpu=False)
    others = _values("hash-seed", OTHER_SEEDS)
    return Hypothesis("hash-seed", dict(cure.settings), "hash-order", text, env=env, others=others)


def address() -> Hypothesis:
    """Fixed addresses, for objects in the order of their addresses."""
    text = "Sort the objects by a key or a name: they are iterated in the order of their addresses."
    # The hash seed is fixed as well, because it decides in which order objects are made: without it addresses moved in
    # one run of eight. The hash seed alone was tested before.
    values = tuple({"address-layout": "fixed", **one} for one in _values("hash-seed", ("0", *OTHER_SEEDS)))
    return Hypothesis("address-layout", values[0], "address-order", text, others=values[1:])


def files() -> Hypothesis:
    """Another order of a folder's listing."""
    text = "Sort the listing: `sorted(os.listdir(...))`."
    return Hypothesis(
        "file-order",
        {"file-order": "reversed"},
        "file-order",
        text,
        code="sorted(os.listdir(folder))",
        others=_values("file-order", ("shuffled",)),
    )


def clock() -> Hypothesis:
    """A fake clock, for times and durations."""
    text = "Do not compute with the time: use a fixed value instead."
    return Hypothesis("clock", {"clock": "ticking"}, "clock", text)


COMPILERS = {"jit": "JAX_DISABLE_JIT", "inductor": "TORCH_COMPILE_DISABLE"}
"""First part of a compiled region's name to the variable that turns its compiler off."""


def compilers_off(region: str) -> Iterator[Hypothesis]:
    """Without the compiler, if this is a region that JAX or torch compiled."""
    variable = COMPILERS.get(region.partition(":")[0]) if ":" in region else None
    if variable is not None:
        text = (
            "Run this part without the compiler: its compiled program gave other results from equal inputs. Report it,"
            " and try another release."
        )
        yield Hypothesis("compile", {"compile": "off"}, "compile", text, env={variable: "1"})


def data_cache() -> Hypothesis:
    """Empty folders where libraries keep data, for a program that prepares data in its first run and reads it later."""
    text = (
        "Make the prepared data the same whether it is made or read: seed what prepares it, or prepare it in a job of"
        " its own. The run that found the caches of its libraries empty computed something else."
    )
    return Hypothesis("data-cache", {"data-cache": "cold"}, "data-cache", text, others=_values("data-cache", ("warm",)))


def earlier_run(names: Sequence[str]) -> Hypothesis:
    """No files of an earlier run, for a program that looks for these of them."""
    shown = ", ".join(visible(shortened(name, MOST_NAME)) for name in names[:MOST_NAMES])
    text = (
        f"Give each run a folder of its own, or remove {shown} before it starts: a run that finds what an earlier one"
        " left there goes on from it, and gives other results."
    )
    absent, found = {EARLIER_FILES: ABSENT}, {EARLIER_FILES: FOUND}
    return Hypothesis(EARLIER_FILES, absent, "earlier-run", text, others=(found,))


def task_order() -> Hypothesis:
    """A fixed order, for tasks of threads and pools."""
    text = "Take the results in the order of submission (`executor.map`, or sort them): tasks finish in any order."
    return Hypothesis("task-order", {"task-order": "submitted"}, "thread-order", text)
