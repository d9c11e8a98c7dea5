"""
The factors a process can be started with differently, and the cures that a rule can try: defined once, here.

A factor's name and value go into a process's `settings`. It takes effect as environment variables (`variables.py`), as
a wrapper of the host (`contention`), or as a call inside the payload (`checks/process/settings.py` and the `_state.py`
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
    """One thing that can be different between two processes."""

    name: str
    """Its name in `settings`."""
    values: tuple[str, ...]
    """The values that an audit's arms take."""
    cause: str
    """What a difference under it is called (a `Cause` of `auditor/replay/model.py`)."""
    innocent: bool
    """Whether no result may depend on it, so that a difference is a fault; else numbers may legitimately move."""
    contract: str
    """The contract (of the catalogue) to which a difference under it belongs."""
    meaning: str
    """One line for people."""
    variables: Callable[[str, Mapping[str, str], Path], Variables] = variables.nothing
    """(value, user's environment, scratch folder) to the environment variables it sets."""


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
The `perturbed` arm: innocent factors changed together in one process.

One process then tests all of them; only a difference is bisected over each alone.
"""

IN_PROCESS = ("memory-fill",)
"""Factors that the perturbed process can change while it runs (`checks/process/settings.py`, `for_step`)."""

CURES: dict[str, Settings] = {name: cure.settings for name, cure in cures.CURES.items()}
"""
What a rule can ask to be measured under, to learn whether it cures a difference: each cure's settings (`cures.py`).

`framework-switch` is the framework's own determinism switch (torch `use_deterministic_algorithms`, TensorFlow
`enable_op_determinism`); `fallback-random` makes Inductor draw as eager does. Both are calls in the payload, and so
settings without environment variables.
"""


def pooled(fixed: Collection[str] = ()) -> dict[str, str]:
    """The settings of the `perturbed` arm, without those that the check's processes all share."""
    return {name: value for name, value in POOLED if name not in fixed}


def arms_across(name: str, fixed: Collection[str] = ()) -> list[Settings]:
    """
    The arms in which a check is measured across a factor, or across `perturbed`; none for `repeat` and `process`.

    `fixed` names the settings that every process of the check has: they are not varied.

    The memory fills are measured in the perturbed process, one after the other (`IN_PROCESS`): one import for all. A
    difference between fills is theirs, since nothing else differs there; any other difference is bisected.
    """
    if name == "perturbed":
        return [pooled(fixed)]
    if name not in FACTORS:
        return []
    shared = pooled(fixed) if name in IN_PROCESS else {}
    return [{**shared, name: value} for value in FACTORS[name].values]


def started_with(settings: Settings, fixed: Collection[str] = ()) -> Settings:
    """The settings that a process for these is started with: an in-process value is changed after the start."""
    whole = pooled(fixed)
    at_start = {name: value for name, value in whole.items() if name not in IN_PROCESS}
    return {**settings, **whole} if at_start.items() <= settings.items() else settings


def arms_of(name: str, fixed: Collection[str] = ()) -> list[Settings]:
    """A factor's values, each alone; none for what is no factor, or fixed."""
    values = FACTORS[name].values if name in FACTORS and name not in fixed else ()
    return [{name: value} for value in values]


def arms_alone(name: str, fixed: Collection[str] = ()) -> list[Settings]:
    """The arms in which a rule may ask for a cure, or else for a factor; none for what is fixed."""
    arms = [CURES[name]] if name in CURES else arms_of(name)
    return [arm for arm in arms if not set(arm) & set(fixed)]


def environment(settings: Settings, user: Mapping[str, str], scratch: Path) -> Variables:
    """The user's environment with the variables of all settings: everything else stays untouched."""
    changed = dict(user)
    for name, value in settings.items():
        if name in FACTORS:
            changed.update(FACTORS[name].variables(value, changed, scratch))
    return changed
