"""What a file is: by what it holds, never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import AuditorError, ManifestError
from ..experiment import portable
from ..gate import verdict
from ..manifest.strict_json import parse
from ..replay import compare_traces
from ..signing import trust

Kind = Literal["manifest", "trace", "operators", "gate", "findings", "replay", "probe"]
FINDINGS = "urn:auditor:findings:v0.1"
"""What `audit --json` and `check --json` give as their schema."""
REPLAY_KEYS = {"verdict", "runs", "ops", "exit_codes", "confidence"}
"""Keys that the output of `replay --json` always has: it names no schema."""
NOTHING_SHOWN = (
    "Nothing was shown. `auditor show` reads manifests and audit folders, traces of `replay --record`, operators.json,"
    " and what `audit`, `check`, `probe` and `replay` print with --json and `gate` with --format json."
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""JSON forbids it; the parser reports it with a clear message."""


@dataclass(frozen=True)
class Recognised:
    """A file and what it is."""

    path: Path
    kind: Kind
    document: dict[str, Any]
    """Its JSON object, read strictly; empty for a trace, whose streams are read in place."""


def recognised(path: Path) -> Recognised:
    """What a file or folder is. Raises ManifestError for one that is none of auditor's, AuditorError if unreadable."""
    if compare_traces.is_trace(path):
        return Recognised(path, "trace", {})
    place = _located(path)
    data = trust.read_limited(place)
    if not data:
        raise ManifestError(f"{path} is empty: it is no file that auditor wrote", NOTHING_SHOWN)
    if not data.lstrip().startswith((b"{", BYTE_ORDER_MARK)):
        raise ManifestError(
            f"{path} is no file that auditor can show: neither a trace (a zip file) nor a JSON object", NOTHING_SHOWN
        )
    document = parse(data, str(path))
    return Recognised(path, _kind(path, document), document)


def _located(path: Path) -> Path:
    """The file to read. A folder must be an audit's: a trace's folder was told apart before."""
    if path.is_dir() and not any((path / name).exists() for name in (trust.ENVELOPE_NAME, trust.PAYLOAD_NAME)):
        raise AuditorError(
            f"{path} is neither an audit folder (it has no {trust.ENVELOPE_NAME}) nor a run's trace (no streams/)",
            NOTHING_SHOWN,
        )
    return trust.locate(path)


def _kind(path: Path, document: dict[str, Any]) -> Kind:
    if "payload" in document or "_type" in document:
        return "manifest"
    named: dict[Any, Kind] = {verdict.SCHEMA: "gate", FINDINGS: "findings"}
    schema = document.get("schema")
    if isinstance(schema, str) and schema in named:
        return named[schema]
    if document.get("format") == portable.FORMAT:
        return "operators"
    if document.keys() >= REPLAY_KEYS:
        return "replay"
    if isinstance(document.get("facts"), dict):
        return "probe"
    raise ManifestError(
        f"{path} is a JSON object, but neither a manifest nor another file that auditor can show", NOTHING_SHOWN
    )
