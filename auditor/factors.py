"""
The factors a process can be started with differently, and the cures that a rule can try: defined once, here.

A factor's name and value go into a process's `settings`. It takes effect as environment variables (here), as a wrapper
of the host (`contention`), or as a call inside the payload (`checks/settings.py` and each framework's `_state.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Settings = Mapping[str, str]
Variables = dict[str, str]


def _nothing(_value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """The environment stays as it is: the host or the payload does the work."""
    return {}


def _hash_seed(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    return {"PYTHONHASHSEED": value}


def _threads(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    Thread counts that are read when a library is loaded.

    NPROC is what the CPU client under JAX reads for its pool (xla, `DefaultThreadPoolSize`). Measured with jaxlib
    0.10.2: NPROC=1 gives one thread, while `--xla_cpu_multi_thread_eigen=false` changes nothing.
    """
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")
    return dict.fromkeys((*names, "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), value)


def _memory_fill(value: str, user: Mapping[str, str], _scratch: Path) -> Variables:
    """
    Makes glibc fill heap memory with the complement of this byte: 85 shows as 0xAA, 170 as 0x55, 255 as 0.

    Without its per-thread cache of small freed blocks, which are handed out again unfilled (seen with glibc 2.36).
    """
    tunables = [text for text in (user.get("GLIBC_TUNABLES", ""), "glibc.malloc.tcache_count=0") if text]
    return {"MALLOC_PERTURB_": value, "GLIBC_TUNABLES": ":".join(tunables)}


def _onednn(value: str, _user: Mapping[str, str], _scratch: Path) -> Variables:
    return {"TF_ENABLE_ONEDNN_OPTS": value}


def _tmp(value: str, _user: Mapping[str, str], scratch: Path) -> Variables:
    """Another folder for temporary files, made beside the request; its name differs for every value."""
    folder = scratch / f"tmp-{value}"
    folder.mkdir(parents=True, exist_ok=True)
    return {"TMPDIR": str(folder)}


def _compile_cache(_value: str, user: Mapping[str, str], _scratch: Path) -> Variables:
    """The audit's own compile cache: it neither reads nor fills the user's, and is warm the second time."""
    base = user.get("XDG_CACHE_HOME") or str(Path(user.get("HOME", "/tmp")) / ".cache")  # noqa: S108 - no home, no choice
    cache = Path(base) / "auditor" / "compile"
    return {
        "TORCHINDUCTOR_CACHE_DIR": str(cache),
        "TRITON_CACHE_DIR": str(cache / "triton"),
        "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


@dataclass(frozen=True)
class Factor:
    """One thing that can be different between two processes."""

    name: str
    """Its name in `settings`."""
    values: tuple[str, ...]
    """The values that an audit's arms take."""
    cause: str
    """What a difference under it is called (a cause of the design's list)."""
    innocent: bool
    """Whether no result may depend on it, so that a difference is a fault; else numbers may legitimately move."""
    contract: str
    """The contract (of the catalogue) to which a difference under it belongs."""
    meaning: str
    """One line for people."""
    variables: Callable[[str, Mapping[str, str], Path], Variables] = _nothing
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
            variables=_hash_seed,
        ),
        Factor(
            name="threads",
            values=("1",),
            cause="thread-order",
            innocent=False,
            contract="thread-count",
            meaning="the number of threads",
            variables=_threads,
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
            variables=_memory_fill,
        ),
        Factor(
            name="onednn",
            values=("0",),
            cause="unknown",
            innocent=False,
            contract="isa",
            meaning="whether oneDNN kernels are used",
            variables=_onednn,
        ),
        Factor(
            name="tmp",
            values=("other",),
            cause="outside-input",
            innocent=True,
            contract="file-order",
            meaning="the folder of temporary files",
            variables=_tmp,
        ),
        Factor(
            name="compile-cache",
            values=("own",),
            cause="unknown",
            innocent=True,
            contract="compiled-repeat",
            meaning="where compiled code is kept",
            variables=_compile_cache,
        ),
    )
}
"""Every factor, by name. (The remaining ones of the design come with the checks that use them.)"""

POOLED: tuple[tuple[str, str], ...] = (("hash-seed", "1"), ("memory-fill", "85"), ("tmp", "other"))
"""
The `perturbed` arm: innocent factors changed together in one process.

One process then tests all of them; only a difference is bisected over each alone.
"""

IN_PROCESS = ("memory-fill",)
"""Factors that the perturbed process can change while it runs (`checks/settings.py`, `for_step`)."""

CURES: dict[str, Settings] = {
    "hash-seed": {"hash-seed": "0"},
    "framework-switch": {"framework-switch": "on"},
    "fallback-random": {"fallback-random": "on"},
    "one-thread": {"threads": "1"},
    "onednn-off": {"onednn": "0"},
}
"""
What a rule can ask to be measured under, to learn whether it cures a difference.

`framework-switch` is the framework's own determinism switch (torch `use_deterministic_algorithms`, TensorFlow
`enable_op_determinism`); `fallback-random` makes Inductor draw as eager does. Both are calls in the payload, and so
settings without environment variables.
"""


def pooled() -> dict[str, str]:
    """The settings of the `perturbed` arm."""
    return dict(POOLED)


def arms_across(name: str) -> list[Settings]:
    """
    The arms in which a check is measured across a factor, or across `perturbed`; none for `repeat` and `process`.

    The memory fills are measured in the perturbed process, one after the other (`IN_PROCESS`): one import for all. A
    difference between fills is theirs, since nothing else differs there; any other difference is bisected.
    """
    if name == "perturbed":
        return [pooled()]
    if name not in FACTORS:
        return []
    shared = pooled() if name in IN_PROCESS else {}
    return [{**shared, name: value} for value in FACTORS[name].values]


def started_with(settings: Settings) -> Settings:
    """The settings that a process for these is started with: an in-process value is changed after the start."""
    fixed = {name: value for name, value in POOLED if name not in IN_PROCESS}
    return {**settings, **pooled()} if fixed.items() <= settings.items() else settings


def arms_alone(name: str) -> list[Settings]:
    """The arms in which a rule may ask for a factor, each value alone, or for a cure."""
    if name in CURES:
        return [CURES[name]]
    return [{name: value} for value in FACTORS[name].values] if name in FACTORS else []


def environment(settings: Settings, user: Mapping[str, str], scratch: Path) -> Variables:
    """The user's environment with the variables of all settings: everything else stays untouched."""
    changed = dict(user)
    for name, value in settings.items():
        if name in FACTORS:
            changed.update(FACTORS[name].variables(value, changed, scratch))
    return changed
