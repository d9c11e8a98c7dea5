"""Where a real run's facts differ from those of a bare interpreter: what the experiment has set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..catalogue.catalogue import Catalogue
from ..manifest.models import Fact
from ..privacy.modes import Privacy
from ..real_run.recordings import Process
from .run import Audit, Options

SEED = "torch.seed"
"""Volatile by role, and yet set by the experiment."""
LARGEST_CHOSEN_SEED = 2**32 - 1
"""Unseeded, torch draws 64 random bits: below this once in 4 thousand million processes. NumPy's seeds end here."""
OF_THE_PROGRAM = "code."
"""Facts of the program itself, which a bare interpreter does not run."""
_TWICE = ".after."
"""At the end of a real run a switch and its reading `after` the work are the same."""


@dataclass(frozen=True)
class Difference:
    """One fact that the run does not have as a bare interpreter has it."""

    default: Fact
    real: Fact


@dataclass
class Defaults:
    """The facts of bare interpreters, each asked once: by interpreter and frameworks."""

    catalogue: Catalogue
    timeout_seconds: float = 300.0
    privacy: Privacy = field(default_factory=Privacy)
    _known: dict[tuple[str, frozenset[str]], Mapping[str, Fact]] = field(default_factory=dict)

    def of(self, process: Process) -> Mapping[str, Fact]:
        """The facts of this process's interpreter when it imports the same frameworks and does nothing else."""
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
            continue  # its events are for an audit's reader; here only the facts count
        return audit.facts


def of_setup(audit: Audit) -> dict[str, Fact]:
    """The facts that an audit's set-up file changed, as the same interpreters have them without it."""
    if not audit.options.setup:
        return {}
    options = replace(audit.options, checks=(), setup="", verify_files=False)
    bare = Audit(options, audit.catalogue, privacy=audit.privacy)
    for _ in bare.run():
        continue  # its events are for an audit's reader; here only the facts count
    return {key: difference.default for key, difference in differences(bare.facts, audit.facts).items()}


def differences(default: Mapping[str, Fact], real: Mapping[str, Fact]) -> dict[str, Difference]:
    """
    The facts, of the software and the machine, whose value the run changed; torch's seed, where somebody chose it.

    Both sides must have been able to tell: what passive reading leaves unknown is no difference.
    """
    found = {}
    for key in sorted(set(default) & set(real)):
        before, now = default[key], real[key]
        if key.startswith(OF_THE_PROGRAM):
            continue
        comparable = (now.role in ("software", "machine") or (key == SEED and _chosen(now))) and _TWICE not in key
        if comparable and _told(before) and _told(now) and (before.state, before.value) != (now.state, now.value):
            found[key] = Difference(before, now)
    return found


def _chosen(seed: Fact) -> bool:
    """Large integers travel as hexadecimal text, so that a chosen seed is a number."""
    return isinstance(seed.value, int) and seed.value <= LARGEST_CHOSEN_SEED


def _told(fact: Fact) -> bool:
    """`not-applicable` is an answer (no seed was set), unless only because nobody imported the package."""
    return fact.state == "value" or (fact.state == "not-applicable" and "did not import" not in fact.reason)
