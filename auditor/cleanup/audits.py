"""Audits and traces in a folder, recognised by what they hold: names alone tell nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import AuditorError, ManifestError, UsageError
from ..manifest.profiles import PREDICATE_TYPE
from ..manifest.strict_json import parse
from ..output.atomic_folder import staging_of
from ..output.audit_folder import OPERATORS_NAME
from ..output.traced import TRACES_SUFFIX
from ..quoting.inert import visible
from ..replay.trace.archive import open_file
from ..signing import envelope, file_list, folder, timestamp
from ..signing.enclosing import signed_folder
from ..signing.trust import ENVELOPE_NAME, PAYLOAD_NAME, PUBLIC_KEY_NAME, is_bare, read_limited
from . import aside, extent
from .entry import Entry

MOST_TRACES = 10_000
"""More files than that in one folder are no traces of a replay, which has a few for each run."""
OWN_NAMES = (
    PAYLOAD_NAME,
    PUBLIC_KEY_NAME,
    OPERATORS_NAME,
    *folder.GIT_FILES,
    "report.md",
    "specs/Dockerfile",
    "specs/apptainer.def",
    "specs/devcontainer/devcontainer.json",
    "specs/requirements.lock",
    "specs/requirements.txt",
    "specs/wheels/README",
)
"""What an audit's folder without a list of files may hold beside its manifest. A user's files lie there, too."""


@dataclass(frozen=True)
class Read:
    """A manifest as it stands in a file: nobody verified it, and it decides only whether something is kept."""

    payload: bytes
    document: dict[str, Any]
    signed: bool

    @property
    def sha256(self) -> str:
        """The digest of its payload."""
        return sha256(self.payload).hexdigest()


def manifest_in(path: Path) -> Read | None:
    """The manifest in a file; None if it is none, or cannot be read."""
    try:
        if not folder.is_regular(path):
            return None
        data = read_limited(path)
        bare = is_bare(data)
        payload = data if bare else envelope.read(data).payload
        document = parse(payload, "the manifest")
    except (AuditorError, OSError):
        return None
    if not isinstance(document, dict) or document.get("predicateType") != PREDICATE_TYPE:
        return None
    return Read(payload, document, signed=not bare)


def entries(place: Path) -> tuple[list[Entry], int]:
    """
    What auditor wrote directly in a folder, and how many other entries there are; none where there is no folder.

    Raises UsageError for an audit's own folder, AuditorError for one that cannot be read.
    """
    if not place.exists():
        return [], 0
    if signed_folder(place):
        raise UsageError(
            f"{visible(str(place))} is, or lies in, the folder of one audit",
            "Nothing was removed. Name the folder around audits.",
        )
    found, others = [], 0
    try:
        for path in sorted(place.resolve().iterdir()):
            entry = _entry(path)
            found += [entry] if entry else []
            others += entry is None
    except OSError as problem:
        raise AuditorError(
            f"{visible(str(place))} cannot be read: {problem.strerror or problem}", "Nothing was removed."
        ) from problem
    return found, others


def _entry(path: Path) -> Entry | None:
    if path.is_symlink():
        return None
    if path.is_file():
        return _traces(path) if is_trace(path) else None
    if not path.is_dir():
        return None
    if aside.is_aside(path):
        seen = extent.of(path)
        return Entry("unfinished", path, seen.identity, seen.size_bytes, seen.files, seen.written)
    return _audit(path) or (_traces(path) if _holds_traces(path) else None)


def _audit(path: Path) -> Entry | None:
    places = (path / ENVELOPE_NAME, path / PAYLOAD_NAME)
    read = next((one for place in places if place.exists() and (one := manifest_in(place))), None)
    if read is None:
        return None
    seen = extent.of(path)
    return Entry(
        "audit",
        path,
        seen.identity,
        seen.size_bytes,
        seen.files,
        _finished(read) or seen.written,
        keep=_changed(path, signed=read.signed),
        signed=read.signed,
        sha256=read.sha256,
    )


def _finished(read: Read) -> datetime | None:
    predicate = read.document.get("predicate")
    run = predicate.get("run") if isinstance(predicate, dict) else None
    text = run.get("finishedOn") if isinstance(run, dict) else None
    try:
        return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except (TypeError, ValueError):
        return None


def _changed(path: Path, *, signed: bool) -> str:
    """What in the folder auditor did not write, or not so; empty if there is nothing of that kind."""
    there = [name for name, _ in folder.present(path)]
    known = frozenset({ENVELOPE_NAME, *(name for name in there if name.endswith(timestamp.SUFFIX))})
    if not signed or not (path / file_list.LIST_NAME).is_file():
        others = [name for name in there if not _is_own(name, known)]
        return f"it holds {visible(others[0])}, which auditor did not write" if others else ""
    try:
        listed = file_list.read(envelope.read(read_limited(path / file_list.LIST_NAME)).payload)
    except ManifestError as problem:
        return f"its list of files cannot be read: {visible(problem.message)}"
    told = [
        (name, state)
        for name, state in sorted(folder.compare_listed(path, listed, known).files.items())
        if state in (folder.EXTRA, folder.DIFFERS)
    ]
    if not told:
        return ""
    name, state = told[0]
    what = "which auditor did not write" if state == folder.EXTRA else "which was changed since"
    return f"it holds {visible(name)}, {what}"


def _is_own(name: str, known: frozenset[str]) -> bool:
    return name in known or name in OWN_NAMES or folder.is_litter(name)


def is_trace(path: Path) -> bool:
    """Whether a file is a whole trace that auditor packed."""
    try:
        if not folder.is_regular(path):
            return False
        open_file(path).close()
    except (AuditorError, OSError):
        return False
    return True


def _holds_traces(path: Path) -> bool:
    """Whether a folder holds traces and nothing else."""
    names = [name for name, _ in zip(path.iterdir(), range(MOST_TRACES + 1), strict=False)]
    traces = [one for one in names if not folder.is_litter(one.name)]
    return bool(traces) and len(traces) <= MOST_TRACES and all(map(is_trace, traces))


def _traces(path: Path) -> Entry:
    seen = extent.of(path)
    of_replay = path.with_name(path.name.removesuffix(TRACES_SUFFIX))
    keep = "a replay is writing it" if of_replay != path and staging_of(of_replay).exists() else ""
    return Entry("traces", path, seen.identity, seen.size_bytes, seen.files, seen.written, keep=keep)


def digests(entry: Entry) -> Iterator[str]:
    """The digests by which manifests refer to an entry: of the manifest, or of each trace. Raises OSError."""
    if entry.sha256:
        yield entry.sha256
    if entry.kind == "traces":
        for path in [entry.path] if entry.path.is_file() else sorted(entry.path.iterdir()):
            yield folder.digest_of(path)[0]
