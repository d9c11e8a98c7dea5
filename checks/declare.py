"""What a check file declares, and how it says that it makes no sense here."""

from __future__ import annotations

from dataclasses import dataclass, field


class NotApplicable(Exception):
    """Raised by `measure` when the check makes no sense in this environment; the message says why."""


@dataclass(frozen=True)
class Check:
    """
    The declaration of one check; its docstring (title, why, remedy) is the file's own.

    The host validates these values, so a typing mistake is found by `auditor list`, not by a user's audit.
    """

    severity: str
    """How much a failure affects a user's result: `critical`, `high`, `medium`, `low` or `info`."""

    tier: str
    """`quick` or `full`: a quick check runs in both tiers."""

    rule: str
    """The name of the host's rule that judges the readings: identical, within, expected, different, staged."""

    across: tuple = ()
    """What varies between the readings: `repeat`, `process`, `perturbed`, or the name of a factor."""

    needs: tuple = ()
    """Modules that must be importable beyond the framework of the folder; absent means not-applicable."""

    isolates: bool = False
    """Whether it changes what cannot be undone, and therefore gets a process of its own."""

    quiet: bool = False
    """Whether it measures races or times, and therefore runs while nothing else of ours runs."""

    compiles: bool = False
    """Whether it compiles enough to deserve the audit's own compile cache (a declared setting of its processes)."""

    repeats: int = 2
    """How often `measure` is called in one process when `repeat` is in `across` (count)."""

    cure: str = ""
    """The cure (of `auditor/factors/factors.py`) whose effect the rule measures when the readings differ."""

    explains: tuple = ()
    """Factors or cures that the rule may switch, one at a time, to explain a difference."""

    requires: dict = field(default_factory=dict)
    """Lowest numbers that the reading's `conditions` must show for a pass, for example `{"threads": 2}`."""

    documented: dict = field(default_factory=dict)
    """Names of values whose deviation the framework documents, each with its source; `*` stands for all."""

    remedy_env: dict = field(default_factory=dict)
    """Environment variables that the remedy sets; they go into container specifications."""

    on: str = ""
    """The framework whose process measures it, where the folder is none: torch, tensorflow or jax."""

    under: dict = field(default_factory=dict)
    """Settings (of `auditor/factors/factors.py`) that all its processes have, for example `{"hash-seed": "0"}`."""
