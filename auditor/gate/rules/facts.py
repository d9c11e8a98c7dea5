"""Rules about facts, packages and frameworks."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from ...errors import nearest
from ...quoting.inert import HEX_FLOAT, as_text, shortened
from ..policy.tables import Range
from ..policy.versions import holds, within
from .evidence import Evidence, installed, one
from .globs import matches
from .result import Result


@dataclass(frozen=True)
class FactHolds:
    """A fact has a value as expected."""

    key: str
    expected: Range

    def judge(self, evidence: Evidence) -> Result:
        """Inconclusive if the fact has no value."""
        fact = evidence.fact(self.key)
        if fact is None:
            told = f"the manifest does not record it.{nearest(self.key, evidence.manifest.predicate.facts)}"
            return self._answer(evidence, "inconclusive", told)
        if fact.state != "value":
            return self._answer(
                evidence, "inconclusive", f"it has no value: {fact.state} ({fact.reason or 'no reason'})"
            )
        value = shortened(as_text(fact.value))
        broken = broken_by(fact.value, self.expected)
        if broken:
            return self._answer(evidence, "fail", f"it is {value}, not {' and '.join(broken)}", value)
        return self._answer(evidence, "pass", f"it is {value}", value)

    def _answer(self, evidence: Evidence, state: str, reason: str, observed: str = "") -> Result:
        return one(evidence, rule="fact", name=self.key, state=state, reason=reason, observed=observed)


def broken_by(value: JsonValue, expected: Range) -> list[str]:
    """What is expected and does not hold, in words."""
    number = as_number(value)
    broken = []
    if expected.equal is not None and not same(value, expected.equal):
        broken.append(as_text(expected.equal))  # type: ignore[arg-type]  # a scalar of TOML
    if expected.one_of is not None and not any(same(value, wanted) for wanted in expected.one_of):
        broken.append(f"one of {', '.join(as_text(wanted) for wanted in expected.one_of)}")  # type: ignore[arg-type]
    if expected.at_least is not None and (number is None or number < expected.at_least):
        broken.append(f"at least {expected.at_least}")
    if expected.at_most is not None and (number is None or number > expected.at_most):
        broken.append(f"at most {expected.at_most}")
    if expected.version is not None and not (isinstance(value, str) and within(value, expected.version)):
        broken.append(f"a version {expected.version}")
    if expected.like is not None and not (isinstance(value, str) and matches(value, expected.like)):
        broken.append(f"like {expected.like}")
    return broken


def same(value: JsonValue, wanted: object) -> bool:
    """Equality of a recorded value and one of a policy: true is not 1, and a hexadecimal float is a number."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(wanted, (int, float)):
        return as_number(value) == wanted
    return value == wanted


def as_number(value: JsonValue) -> float | int | None:
    """The number that a value records, as JSON or as `float.hex()`; None for anything else."""
    if isinstance(value, str) and HEX_FLOAT.fullmatch(value):
        return float.fromhex(value)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Package:
    """A package is installed, in one of the wanted versions."""

    requirement: str

    def judge(self, evidence: Evidence) -> Result:
        """Fails if it is absent or has another version; inconclusive if the manifest does not know."""
        package, version = installed(evidence, self.requirement)
        state, reason = "pass", f"version {version} is installed"
        if version is None:
            state, reason = "inconclusive", "the manifest does not record what is installed"
        elif not version:
            state, reason = "fail", f"it is not installed; {self.requirement} is wanted"
        else:
            fits = holds(version, self.requirement)
            if fits is None:
                state, reason = "inconclusive", f"{shortened(version)} is no version by PEP 440"
            elif not fits:
                state, reason = "fail", f"version {version} is installed; {self.requirement} is wanted"
        return one(evidence, rule="version", name=package, state=state, reason=reason, observed=version or "")


@dataclass(frozen=True)
class Framework:
    """A framework is installed and answered."""

    name: str

    def judge(self, evidence: Evidence) -> Result:
        """Inconclusive if it is absent: nothing of it was measured."""
        fact = evidence.fact(f"{self.name}.version")
        if fact is not None and fact.state == "value":
            told = f"version {shortened(as_text(fact.value))} was audited"
            return one(evidence, rule="framework", name=self.name, state="pass", reason=told)
        told = f"it was not audited: {fact.reason if fact else 'the manifest does not record its version'}"
        return one(evidence, rule="framework", name=self.name, state="inconclusive", reason=told)
