"""Facts that an experiment changes: those of its process that differ from a bare interpreter's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..catalogue.catalogue import Catalogue
from ..manifest.models import Fact
from ..privacy.modes import Privacy
from ..real_run.recordings import Process
from .run import Audit, Options

SEED = "torch.seed"
"""The fact has the role `volatile`, but an experiment can set it."""
LARGEST_CHOSEN_SEED = 2**32 - 1
"""NumPy's largest seed. An unseeded torch draws 64 random bits: at most this once in 4 thousand million processes."""
OF_THE_PROGRAM = "code."
"""Prefix of facts about the program, which a bare interpreter does not run."""
_TWICE = ".after."
"""Facts read after the work; at the end of a real run they equal the others."""


@dataclass(frozen=True)
class ChangedFact:
    """One fact whose value in the run differs from a bare interpreter's."""

    default: Fact
    real: Fact


@dataclass
class Defaults:
    """The facts of bare interpreters, cached by interpreter and imported frameworks."""

    catalogue: Catalogue
    timeout_seconds: float = 300.0
    privacy: Privacy = field(default_factory=Privacy)
    _known: dict[tuple[str, frozenset[str]], Mapping[str, Fact]] = field(default_factory=dict)

    def of(self, process: Process) -> Mapping[str, Fact]:
        """The facts of this process's interpreter when it only imports the same frameworks."""
        wanted = frozenset(process.frameworks)
        if not process.executable:
            return {}
        key = (process.executable, wanted)
        if key not in self._known:
            self._known[key] = self._asked(process.executable, wanted)
        return self._known[key]

    def _asked(self, python: str, frameworks: frozenset[str]) -> Mapping[str, Fact]:
        options = Options(python, frameworks=sorted(frameworks), timeout_seconds=self.timeout_seconds)
        audit = Audit(options, self.catalogue, privacy=self.privacy)
        for _ in audit.run():
            continue  # only the facts are needed, not the events
        return audit.facts


def of_setup(audit: Audit) -> dict[str, Fact]:
    """The facts that the set-up file changed, with their values without it."""
    if not audit.options.setup:
        return {}
    options = replace(audit.options, checks=(), setup="", verify_files=False)
    bare = Audit(options, audit.catalogue, privacy=audit.privacy)
    for _ in bare.run():
        continue  # only the facts are needed, not the events
    return {key: difference.default for key, difference in differences(bare.facts, audit.facts).items()}


def differences(default: Mapping[str, Fact], real: Mapping[str, Fact]) -> dict[str, ChangedFact]:
    """
    The facts of software and machine whose value the run changed, and torch's seed if the program set it.

    A fact that is unknown on either side is not a difference.
    """
    found = {}
    for key in sorted(set(default) & set(real)):
        before, now = default[key], real[key]
        if key.startswith(OF_THE_PROGRAM):
            continue
        comparable = (now.role in ("software", "machine") or (key == SEED and _chosen(now))) and _TWICE not in key
        if comparable and _told(before) and _told(now) and (before.state, before.value) != (now.state, now.value):
            found[key] = ChangedFact(before, now)
    return found


def _chosen(seed: Fact) -> bool:
    """Whether the program set the seed: drawn seeds are larger, and large integers are recorded as hexadecimal text."""
    return isinstance(seed.value, int) and seed.value <= LARGEST_CHOSEN_SEED


def _told(fact: Fact) -> bool:
    """Whether the fact is known: `not-applicable` counts (no seed was set), unless the package was not imported."""
    return fact.state == "value" or (fact.state == "not-applicable" and "did not import" not in fact.reason)
