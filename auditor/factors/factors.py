"""
The factors, which are settings that can differ between processes, and the settings of the cures.

A factor's name and value are part of a process's `settings`. It takes effect through environment variables
(`variables.py`), the host (`contention`), or a call in the payload (`checks/process/settings.py` and the `_state.py`
of each framework).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import cures, variables
from .variables import Variables

Settings = Mapping[str, str]


@dataclass(frozen=True)
class Factor:
    """One setting that can differ between processes."""

    name: str
    """Its name in `settings`."""
    values: tuple[str, ...]
    """Its values in the arms of an audit."""
    cause: str
    """The cause (`replay.model.Cause`) of a difference under it."""
    innocent: bool
    """Whether no result may depend on it, so that a difference is a fault; otherwise a difference is only recorded."""
    contract: str
    """The contract that a difference under it violates."""
    meaning: str
    """A short description."""
    variables: Callable[[str, Mapping[str, str], Path], Variables] = variables.nothing
    """Function of value, user's environment and scratch folder; returns the environment variables to set."""


FACTORS: dict[str, Factor] = {
    factor.name: factor
    for factor in (
        Factor(
            name="hash-seed",
            values=("0", "1", "2"),
            cause="hash-order",
            innocent=True,
            contract="hash-seed",
            meaning="the string hash seed",
            variables=variables.hash_seed,
        ),
        Factor(
            name="threads",
            values=("1",),
            cause="thread-order",
            innocent=False,
            contract="thread-count",
            meaning="the number of threads",
            variables=variables.threads,
        ),
        Factor(
            name="affinity",
            values=("1",),
            cause="thread-order",
            innocent=False,
            contract="thread-count",
            meaning="the processors the process may use",
        ),
        Factor(
            name="contention",
            values=("1",),
            cause="thread-order",
            innocent=True,
            contract="thread-race",
            meaning="the load on the processors",
        ),
        Factor(
            name="memory-fill",
            values=("85", "170", "255"),
            cause="uninitialised-memory",
            innocent=True,
            contract="uninitialised",
            meaning="the contents of fresh memory",
            variables=variables.memory_fill,
        ),
        Factor(
            name="onednn",
            values=("0",),
            cause="unknown",
            innocent=False,
            contract="isa",
            meaning="whether oneDNN kernels are used",
            variables=variables.onednn,
        ),
        Factor(
            name="tmp",
            values=("other",),
            cause="outside-input",
            innocent=True,
            contract="file-order",
            meaning="the folder of temporary files",
            variables=variables.tmp,
        ),
        Factor(
            name="compile-cache",
            values=("cold",),
            cause="unknown",
            innocent=True,
            contract="compiled-repeat",
            meaning="where compiled code is kept",
            variables=variables.compile_cache,
        ),
        Factor(
            name="compile",
            values=("off",),
            cause="compile",
            innocent=False,
            contract="compiled-eager",
            meaning="whether functions are compiled (jax.jit, torch.compile, tf.function)",
            variables=variables.compilers,
        ),
        Factor(
            name="data-cache",
            values=("cold",),
            cause="data-cache",
            innocent=True,
            contract="same-seed",
            meaning="the folders in which libraries keep downloaded and prepared data",
            variables=variables.data_cache,
        ),
        Factor(
            name="isa",
            values=("least",),
            cause="unknown",
            innocent=False,
            contract="isa",
            meaning="the vector instructions that kernels may use",
            variables=variables.isa,
        ),
        Factor(
            name="autotune",
            values=("inverse",),
            cause="unknown",
            innocent=True,
            contract="autotune",
            meaning="which kernels autotuning chose",
            variables=variables.autotune,
        ),
        Factor(
            name="address-layout",
            values=("fixed",),
            cause="address-order",
            innocent=True,
            contract="hash-seed",
            meaning="where in memory objects lie",
        ),
        Factor(
            name="entropy",
            values=("fixed",),
            cause="unseeded-random",
            innocent=True,
            contract="seed-reaches",
            meaning="the system's entropy",
        ),
        Factor(
            name="task-order",
            values=("submitted",),
            cause="thread-order",
            innocent=True,
            contract="parallel-map",
            meaning="the order in which tasks of pools, threads, processes and queues run and finish",
        ),
        Factor(
            name="file-order",
            values=("reversed", "shuffled"),
            cause="file-order",
            innocent=True,
            contract="file-order",
            meaning="the order in which a folder lists its files",
        ),
        Factor(
            name="clock",
            values=("later",),
            cause="clock",
            innocent=True,
            contract="same-seed",
            meaning="the time of day",
        ),
        Factor(
            name="locale",
            values=("C", "C.UTF-8"),
            cause="outside-input",
            innocent=True,
            contract="same-seed",
            meaning="the locale",
            variables=variables.locale,
        ),
        Factor(
            name="time-zone",
            values=("XXX-13:45",),
            cause="clock",
            innocent=True,
            contract="same-seed",
            meaning="the time zone",
            variables=variables.time_zone,
        ),
        Factor(
            name="keras-backend",
            values=("torch", "tensorflow", "jax"),
            cause="unknown",
            innocent=False,
            contract="same-seed",
            meaning="the framework under Keras",
            variables=variables.keras_backend,
        ),
    )
}
"""Every factor, by name."""

POOLED: tuple[tuple[str, str], ...] = (("hash-seed", "1"), ("memory-fill", "85"), ("tmp", "other"))
"""
The `perturbed` arm: factors on which no result may depend, changed together in one process.

If results differ there, each factor is measured alone.
"""

IN_PROCESS = ("memory-fill",)
"""Factors whose value can change while a process runs (`checks/process/settings.py`, `for_step`)."""

CONFIRM = "confirm"
"""
Setting of a fresh process that confirms or clears a suspected factor, such as `3/7`: the third of seven; or `RATE`.

It changes nothing. It keeps these readings apart from those of the first round.
"""
RATE = "rate"
"""The value of `CONFIRM` in unchanged processes that are added to measure how often a result differs."""

PLACEBO = "placebo"
"""
Setting of every run that tests a factor, with it or without: how many times as long the run shall take.

It sets a variable that nothing reads; where no factor is set, another one too, as a factor would set one.
"""

CURE_SETTINGS: dict[str, Settings] = {name: cure.settings for name, cure in cures.CURES.items()}
"""
Cure (`cures.py`) to the settings of the arm that measures it.

`framework-switch` is the framework's determinism switch (torch `use_deterministic_algorithms`, TensorFlow
`enable_op_determinism`); `fallback-random` makes Inductor draw as eager does. Both are calls in the payload, and so
settings without environment variables.
"""


PART = "part"
"""The setting of a step that measures the part of its cases of a tier (`quick`, `full`); the process is the same."""


def pooled(fixed: Collection[str] = ()) -> dict[str, str]:
    """The settings of the `perturbed` arm, without the fixed ones."""
    return {name: value for name, value in POOLED if name not in fixed}


def arms_across(name: str, fixed: Collection[str] = ()) -> list[Settings]:
    """
    The arms in which a check is measured across a factor, or across `perturbed`; none for `repeat` and `process`.

    `fixed` names the settings of every process of the check, which are not varied.

    The memory fills are measured one after the other in the perturbed process (`IN_PROCESS`), with one import. Only the
    fill differs there, so a difference between fills is caused by the fill.
    """
    if name == "perturbed":
        return [pooled(fixed)]
    if name not in FACTORS:
        return []
    shared = pooled(fixed) if name in IN_PROCESS else {}
    return [{**shared, name: value} for value in FACTORS[name].values]


def started_with(settings: Settings, fixed: Collection[str] = ()) -> Settings:
    """
    The settings at the start of a process for these settings; in-process values change after the start.

    Every fill starts with the first one, so that one process measures all of them.
    """
    settings = {name: value for name, value in settings.items() if name != PART}
    whole = pooled(fixed)
    at_start = {name: value for name, value in whole.items() if name not in IN_PROCESS}
    if at_start.items() <= settings.items():
        return {**settings, **whole}
    return {**settings, **{name: FACTORS[name].values[0] for name in IN_PROCESS if name in settings}}


def arms_of(name: str, fixed: Collection[str] = ()) -> list[Settings]:
    """One arm for each value of a factor; none for other names and for a fixed factor."""
    values = FACTORS[name].values if name in FACTORS and name not in fixed else ()
    return [{name: value} for value in values]


def arms_alone(name: str, fixed: Collection[str] = ()) -> list[Settings]:
    """The arms of a cure or of a factor that a rule may request; none for fixed settings."""
    arms = [CURE_SETTINGS[name]] if name in CURE_SETTINGS else arms_of(name)
    return [arm for arm in arms if not set(arm) & set(fixed)]


def environment(settings: Settings, user: Mapping[str, str], scratch: Path) -> Variables:
    """The user's environment with the variables of all settings; other variables are unchanged."""
    changed = dict(user)
    for name, value in settings.items():
        if name in FACTORS:
            changed.update(FACTORS[name].variables(value, changed, scratch))
        elif name == PLACEBO:
            changed["AUDITOR_PLACEBO"] = value
            if len(settings) == 1:
                changed["AUDITOR_NO_FACTOR"] = "0"
    return changed
