"""What a rule answers: a verdict, or an ask for more measuring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from ..manifest.models import Known, Outcome, Severity


@dataclass(frozen=True)
class Arm:
    """Processes to measure a check in."""

    settings: Mapping[str, str]
    """What is changed against the user's environment; empty for an untouched process."""
    processes: int = 1
    """How many processes with these settings."""
    names: tuple[str, ...] = ()
    """The values that the rule wants; a check that can may measure just these. Empty: all."""


@dataclass(frozen=True)
class Ask:
    """More measuring that a rule needs before it can answer."""

    arms: tuple[Arm, ...]
    reason: str
    """The question, for progress and for the reader of a log."""


@dataclass(frozen=True)
class Verdict:
    """A rule's answer."""

    outcome: Outcome
    message: str
    evidence: dict[str, JsonValue] = field(default_factory=dict)
    known: Known | None = None
    severity: Severity | None = None
    """Another severity than the declared one."""
    contract: str = ""
    """Another contract than the check's own, to which this failure belongs (one fault makes one finding)."""
