"""
Accepted findings: failures that a project knows and carries for a time, each with a reason, an owner and an end.

An entry that is unreadable or expired lapses: it excuses nothing, and the result that it would excuse says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, ValidationError, field_validator, model_validator

from .policy.tables import Table, Text
from .policy.versions import checked_requirement, holds, package_of
from .rules.evidence import Evidence
from .rules.globs import matches
from .rules.result import Acceptance, Result

if TYPE_CHECKING:
    from typing_extensions import Self

OF_CHECKS = ("finding", "check", "operators")
"""Rules whose results an entry with `check` can excuse."""
OF_FACTS = ("fact", "package")
"""Rules whose results an entry with `fact` can excuse."""
COMPLAINTS_SHOWN = 3


def _as_date(value: object) -> object:
    """A date of TOML, or a text such as 2027-01-31."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as problem:
            raise ValueError("a date such as 2027-01-31 is wanted") from problem
    return value


Day = Annotated[date, BeforeValidator(_as_date)]


def _said(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("it is empty")
    return value


Said = Annotated[Text, BeforeValidator(_said)]


class Entry(Table):
    """One accepted finding."""

    check: Said | None = None
    """A glob of check ids."""
    operator: Said | None = None
    """Only if each operator or value that deviates matches this glob."""
    fact: Said | None = None
    """A glob of facts (`torch.deterministic`), or of packages that changed (`python.distributions/numpy`)."""
    versions: Said
    """Of which package, in which versions: `torch>=2.13,<2.14`."""
    reason: Said
    owner: Said
    expires: Day
    """The last day on which it counts."""
    since: Day | None = None
    """The day on which it was accepted."""

    @field_validator("versions")
    @classmethod
    def _range(cls, value: str) -> str:
        if not any(sign in checked_requirement(value) for sign in "<>=~"):
            raise ValueError("a range of versions is wanted, such as torch>=2.13,<2.14")
        return value

    @model_validator(mode="after")
    def _about_one(self) -> Self:
        if (self.check is None) == (self.fact is None):
            raise ValueError("exactly one of `check` and `fact` is wanted")
        if self.operator is not None and self.check is None:
            raise ValueError("`operator` belongs to a `check`")
        return self


@dataclass(frozen=True)
class Read:
    """One entry of the policy as it was read."""

    number: int
    """Its 1-based position."""
    about: str
    """The check or the fact, as far as it can be read."""
    entry: Entry | None
    problem: str = ""
    """Why it is unreadable."""

    def state(self, today: date) -> str:
        """Empty if it counts; else why it lapsed."""
        if self.entry is None:
            return self.problem
        return f"it expired on {self.entry.expires}" if self.entry.expires < today else ""


def read(raw: Iterable[object]) -> list[Read]:
    """Every entry of a policy, each by itself."""
    return [_read(number, entry) for number, entry in enumerate(raw, start=1)]


def _read(number: int, raw: object) -> Read:
    about = ""
    if isinstance(raw, dict):
        about = str(raw.get("check") or raw.get("fact") or "")[:200]
    try:
        return Read(number, about, Entry.model_validate(raw))
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_input=False, include_context=False)
        told = [
            f"{'.'.join(str(part) for part in error['loc'][:1]) or 'the entry'}: "
            f"{error['msg'].removeprefix('Value error, ')}"
            for error in errors[:COMPLAINTS_SHOWN]
        ]
        return Read(number, about, None, "it is unreadable: " + "; ".join(told))


@dataclass(frozen=True)
class Book:
    """The accepted findings of a policy, on one day."""

    entries: tuple[Read, ...]
    today: date

    def excuse(self, result: Result, evidence: Evidence) -> Result:
        """The failure with the entry that excuses it, or with notes on the entries that lapsed."""
        if result.state != "fail":
            return result
        notes = []
        for one in self.entries:
            about = matches(result.name, one.about) if one.entry is None else _about(one.entry, result)
            if not about or result.rule not in (*OF_CHECKS, *OF_FACTS):
                continue
            why = one.state(self.today) or (_out_of_range(one.entry, evidence) if one.entry else "")
            if not why and one.entry:
                return result.model_copy(update={"accepted": _acceptance(one.entry)})
            notes.append(f"accepted finding {one.number} does not count: {why}")
        return result.model_copy(update={"notes": [*result.notes, *notes]}) if notes else result


def _acceptance(entry: Entry) -> Acceptance:
    return Acceptance(reason=entry.reason, owner=entry.owner, expires=entry.expires.isoformat())


def _about(entry: Entry, result: Result) -> bool:
    if entry.fact is not None:
        return result.rule in OF_FACTS and matches(result.name, entry.fact)
    if result.rule not in OF_CHECKS or entry.check is None or not matches(result.name, entry.check):
        return False
    if entry.operator is None:
        return True
    return bool(result.names) and all(matches(name, entry.operator) for name in result.names)


def version_of(package: str, evidence: Evidence) -> str:
    """The version of a framework, of Python, or of a package in a manifest; empty if it is not known."""
    fact = evidence.fact(f"{package}.version")
    if fact is not None and fact.state == "value" and isinstance(fact.value, str):
        return fact.value
    return (evidence.packages() or {}).get(package, "")


def _out_of_range(entry: Entry, evidence: Evidence) -> str:
    package = package_of(entry.versions)
    version = version_of(package, evidence)
    if not version:
        return f"it holds for {entry.versions}, and the manifest does not know the version of {package}"
    return "" if holds(version, entry.versions) else f"it holds for {entry.versions}, and {package} is {version[:100]}"
