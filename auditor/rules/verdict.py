"""The answers of a rule: a verdict, or a request for more arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from ..manifest.models import Known, Outcome, Severity


@dataclass(frozen=True)
class Arm:
    """Processes with the same settings, in which a check is measured."""

    settings: Mapping[str, str]
    """The settings that differ from the user's environment; empty for an unchanged process."""
    processes: int = 1
    """Number of processes with these settings."""
    names: tuple[str, ...] = ()
    """The values that the rule needs; a check may measure only these. Empty: all."""


@dataclass(frozen=True)
class Suspect:
    """A factor of one check, two of its arms, and the names that differ between them."""

    factor: str
    arms: tuple[Mapping[str, str], Mapping[str, str]]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Ask:
    """A request for arms that a rule needs before it can decide."""

    arms: tuple[Arm, ...]
    reason: str
    """Why they are needed, for progress output."""
    suspects: tuple[Suspect, ...] = ()
    """Factors to confirm by coin before they are named; the audit confirms those of all checks together."""


@dataclass(frozen=True)
class Verdict:
    """A rule's answer."""

    outcome: Outcome
    message: str
    evidence: dict[str, JsonValue] = field(default_factory=dict)
    known: Known | None = None
    severity: Severity | None = None
    """A severity that replaces the declared one."""
    contract: str = ""
    """The contract to which the failure belongs, if not the check's own; each fault is reported once."""
