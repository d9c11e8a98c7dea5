"""The data of a remedy and of its proof; depends only on the manifest, so that renderers can import it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..errors import FINDINGS, INCONCLUSIVE, OK, worst
from ..factors.flag_lists import LISTS_OF_FLAGS
from ..manifest.models import SEVERITIES, Severity

Status = Literal["cured", "not cured", "not proven", "not measured"]
LEAST_TIMED_RUNS = 3
"""With three runs, the median excludes a first run that fills caches."""
LEAST_TIMED_SECONDS = 0.05
"""Below this duration, noise dominates the ratio of two times."""


@dataclass(frozen=True)
class Treatment:
    """Settings that belong together: environment variables, and code lines of one framework."""

    variables: tuple[tuple[str, str], ...] = ()
    """Name and value, sorted."""
    framework: str = ""
    """The framework of the code lines; empty without any."""
    code: tuple[str, ...] = ()
    """Lines of Python that follow the framework's import."""
    cure: str = field(default="", compare=False)
    """The cure's name (`cures.py`); empty for variables that a check declares."""
    price: int = field(default=1, compare=False)
    """Its cost in speed, as a rank (`cures.py`)."""


@dataclass(frozen=True)
class Choice:
    """A chosen treatment and the findings that it cures."""

    treatment: Treatment
    cures: tuple[str, ...]
    """The findings that it cures, by check."""
    measured: tuple[str, ...] = ()
    """Those of them for which the audit measured the cure."""


@dataclass(frozen=True)
class ByHand:
    """A finding that no setting of the remedy cures."""

    check: str
    severity: Severity
    remedy: str
    """The remedy text of the check."""
    packages: tuple[str, ...] = ()
    """Packages whose version should change, with the audited version if known."""
    reason: str = ""
    """Why no treatment was chosen; empty if none is known."""


@dataclass(frozen=True)
class Remedy:
    """The smallest set of settings found, and the findings that it does not cure."""

    choices: tuple[Choice, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    severities: dict[str, Severity] = field(default_factory=dict)
    """Every failed finding, by check."""
    notes: tuple[str, ...] = ()
    """Settings that were left out, and why."""

    def variables(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Name to values (several only for lists of flags) and to the checks that each cures; sorted."""
        found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for choice in self.choices:
            for name, value in choice.treatment.variables:
                values, checks = found.setdefault(name, ({}, {}))
                values.update(dict.fromkeys(value.split() if name in LISTS_OF_FLAGS else (value,)))
                checks.update(dict.fromkeys(choice.cures))
        return {name: (tuple(values), tuple(checks)) for name, (values, checks) in sorted(found.items())}

    def code(self) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        """Framework to its code lines, each with the checks that it cures."""
        found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for choice in self.choices:
            for line in choice.treatment.code:
                found.setdefault(choice.treatment.framework, []).append((line, choice.cures))
        return dict(sorted(found.items()))

    def standing(self, check: str) -> str:
        """`measured` if the audit measured that the remedy cures the check, else `declared`."""
        return "measured" if any(check in choice.measured for choice in self.choices) else "declared"


@dataclass(frozen=True)
class RemedyProof:
    """The result of runs with and without the remedy, for one check."""

    check: str
    status: Status
    reason: str
    """The figures behind the status, as a sentence."""
    seconds_without: tuple[float, ...] = ()
    """Time of each run's measurements without the remedy."""
    seconds_with: tuple[float, ...] = ()
    """The same with it."""

    @property
    def ratio(self) -> float | None:
        """Median time with the remedy over median time without; None for too few runs, or too short ones."""
        if min(len(self.seconds_without), len(self.seconds_with)) < LEAST_TIMED_RUNS:
            return None
        without = statistics.median(self.seconds_without)
        return statistics.median(self.seconds_with) / without if without >= LEAST_TIMED_SECONDS else None


def status_of(proofs: Sequence[RemedyProof], check: str) -> Status | None:
    """A check's status in a proof, if it has one."""
    return next((proof.status for proof in proofs if proof.check == check), None)


def exit_code(remedy: Remedy, proofs: Sequence[RemedyProof] | None, threshold: Severity) -> int:
    """
    0: all cured, or nothing to cure; 1: a finding at or above the threshold is not cured; 3: a proof was not measured.

    With proofs, only a proven cure counts as cured.
    """
    by_hand = {finding.check for finding in remedy.by_hand}
    codes = [OK]
    for check, severity in remedy.severities.items():
        if SEVERITIES.index(severity) > SEVERITIES.index(threshold):
            continue
        status = status_of(proofs, check) if proofs is not None else None
        if status == "not measured" and check not in by_hand:
            codes.append(INCONCLUSIVE)
        elif status != "cured" and (status or check in by_hand):
            codes.append(FINDINGS)
    return worst(*codes)
