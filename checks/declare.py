"""The declaration of a check (`Check`), and the exception of a check that does not apply (`NotApplicable`)."""

from __future__ import annotations

from dataclasses import dataclass, field


class NotApplicable(Exception):
    """Raised by `measure` when the check does not apply to this environment; the message is the reason, for people."""


@dataclass(frozen=True)
class Check:
    """
    The declaration of one check. Title, why and remedy are in the docstring of its file.

    The host validates these values when it loads the catalogue, so `auditor list` reports a mistake.
    """

    tier: str
    """`quick` or `full`. A quick check runs in both tiers."""

    rule: str
    """The host's rule that judges the readings: `identical`, `within`, `expected`, `different` or `staged`."""

    across: tuple = ()
    """What varies between the readings that are compared: `repeat`, `process`, `perturbed` or names of factors."""

    needs: tuple = ()
    """Modules that must be installed besides the framework of the folder; without one the check is not-applicable."""

    isolates: bool = False
    """Whether it changes process state that cannot be restored. It then runs in a process of its own."""

    last: bool = False
    """
    With `isolates`: whether what others did before does not matter to it. It may then end a shared process.

    What must be measured before the runtime starts is measured by a function `at_start()` of the check's file. It is
    called before the first step of the process, leaves no trace there (it forks), and keeps its result for `measure`.
    """

    together: str = ""
    """With `isolates`: checks with the same word share a process, in which those with `last` are measured last."""

    quiet: bool = False
    """Whether it measures races or times. It then measures while no other process of the audit does."""

    compiles: bool = False
    """Whether it compiles so much that its processes share the compile cache of the audit."""

    repeats: int = 2
    """Number of calls of `measure` in one process when `repeat` is in `across`."""

    cure: str = ""
    """The cure (a name in `auditor/factors/factors.py`) that the rule tries when the readings differ."""

    explains: tuple = ()
    """Factors or cures that the rule may try, one at a time, to explain a difference."""

    unexplained: dict = field(default_factory=dict)
    """Patterns of values that none of `explains` can change, each with the reason: no process is started for them."""

    requires: dict = field(default_factory=dict)
    """Minimum of each number in the reading's `conditions` for a pass, for example `{"threads": 2}`."""

    documented: dict = field(default_factory=dict)
    """Names of values whose difference the framework documents, each with its source; `*` means all values."""

    remedy_env: dict = field(default_factory=dict)
    """Environment variables that the remedy sets. Container specifications set them too."""

    on: str = ""
    """`torch`, `tensorflow` or `jax`: the framework whose process measures it, where the folder is no framework."""

    severity: str = ""
    """
    Only for a user's own checks: `critical`, `high`, `medium`, `low` or `info`.

    A shipped check has that of its contract (`auditor/catalogue/severities.py`).
    """

    under: dict = field(default_factory=dict)
    """Settings (names in `auditor/factors/factors.py`) of all its processes, for example `{"hash-seed": "0"}`."""
