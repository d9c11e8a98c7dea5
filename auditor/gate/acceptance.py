"""Writes an accepted finding to fill in, and lists those that there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ..errors import OutputError, UsageError, nearest
from ..quoting.inert import visible
from ..quoting.jsontext import json_text
from ..signing import files
from . import accepted
from .policy import read
from .policy.source import Source, from_reader, reader_of
from .rules.evidence import Evidence
from .rules.result import Result
from .verdict import Verdict

UNWRITTEN = "Nothing was written. "


def entry_for(name: str, verdict: Verdict, evidence: Evidence, source: Source) -> str:
    """
    The TOML of an entry for a failed check or fact, with reason, owner and expiry to fill in.

    Raises UsageError if nothing of that name fails, or if it cannot be accepted.
    """
    failed = [one for one in verdict.results if one.state == "fail"]
    found = next((one for one in failed if name == one.name), None)
    if found is None:
        told = nearest(name, [one.name for one in failed])
        raise UsageError(
            f"nothing that fails has the name {name!r}.{told}", UNWRITTEN + "`auditor gate` names what fails."
        )
    if found.rule not in (*accepted.OF_CHECKS, *accepted.OF_FACTS):
        raise UsageError(
            f"a result of the rule `{found.rule}` cannot be accepted: {found.name}",
            UNWRITTEN + "Change the policy instead.",
        )
    header = "accepted" if source.name == read.AUDITOR_FILE or not source.name else "tool.auditor.accepted"
    return "\n".join([f"\n[[{header}]]", *_lines(found, evidence), ""])


def _lines(found: Result, evidence: Evidence) -> Iterator[str]:
    kind = "check" if found.rule in accepted.OF_CHECKS else "fact"
    yield f"{kind} = {json_text(found.name)}"
    if kind == "check" and found.names:
        yield f"# operator = {json_text(found.names[0])}  # only if nothing else of this check deviates"
    yield f"versions = {json_text(_range(found, evidence))}"
    yield 'reason = ""  # why this is no harm here: until it is filled in, the entry does not count'
    yield 'owner = ""  # who looks after it'
    yield 'expires = ""  # the last day on which it counts, for example 2027-01-31'
    yield f"since = {evidence.now.date().isoformat()}"


def _range(found: Result, evidence: Evidence) -> str:
    """The installed release and its patches: of the finding's framework, else of Python."""
    for package in (found.framework, found.name.partition(".")[0], "python"):
        try:
            version = Version(accepted.version_of(package, evidence))
        except InvalidVersion:
            continue
        return f"{package}>={version.public},<{version.major}.{version.minor + 1}"
    return "python>=3"


def append(source: Source, entry: str) -> Path:
    """Append an entry to the policy's file, which must still be valid then. Raises OutputError or UsageError."""
    path = source.folder / (source.name or read.AUDITOR_FILE)
    before = path.read_bytes() if path.exists() else b""
    after = before.rstrip(b"\n") + (b"\n" if before else b"") + entry.encode().lstrip(b"" if before else b"\n")
    _refuse_broken(source, path, after)
    try:
        if path.exists():
            files.replace(path, after)
        else:
            files.create(path, after, files.PUBLIC)
    except OSError as problem:
        raise OutputError(f"{path} cannot be written: {problem.strerror or problem}", UNWRITTEN) from problem
    return path


def _refuse_broken(source: Source, path: Path, after: bytes) -> None:
    """Where `accepted` is written as an inline array, TOML allows no table to be added at the end."""
    plain = reader_of(source.folder)
    try:
        from_reader(lambda name: after if name == path.name else plain(name), source.folder)
    except UsageError as problem:
        raise UsageError(
            f"an entry cannot be appended to {path.name}: {problem.message}",
            UNWRITTEN + "Write `accepted` as [[tool.auditor.accepted]] tables ([[accepted]] in auditor.toml).",
        ) from problem


def listed(source: Source, today: date) -> str:
    """Every accepted finding, the oldest first, and whether it still counts."""
    entries = accepted.read(source.policy.accepted)
    if not entries:
        return f"no findings are accepted ({source.told})"
    return "\n".join(_line(one, today) for one in sorted(entries, key=_age))


def _age(one: accepted.Read) -> tuple[date, int]:
    since = one.entry.since if one.entry else None
    return since or date.min, one.number


def _line(one: accepted.Read, today: date) -> str:
    lapsed = one.state(today)
    state = f"LAPSED ({lapsed})" if lapsed else "counts"
    if one.entry is None:
        return visible(f"{one.number}  {one.about or 'about nothing'}  {state}")
    entry = one.entry
    age = f"{(today - entry.since).days} days old" if entry.since else "age unknown"
    only = f" ({entry.operator})" if entry.operator else ""
    told = f"{one.number}  {one.about}{only}  {age}, until {entry.expires}, {entry.owner}  {entry.versions}  {state}"
    return visible(f"{told}: {entry.reason}")
