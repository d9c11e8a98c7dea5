"""`auditor verify`: the signature, the subjects and, for an audit folder, all other files in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ..errors import OK, UNTRUSTED, AuditorError, ManifestError, SignatureError, as_text
from ..manifest.profiles import subject_problems
from ..manifest.strict_json import parse
from ..signing import trust
from .signed import accepted_keys, signed_by

EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=False, path_type=Path)
"""`readable` is not checked here, since an unreadable file is exit code 5, not a usage error."""


@dataclass
class Report:
    """The result of a verification."""

    verdict: str = "refused"
    """`trusted`, `intact`, `unsigned` or `refused`."""
    opened: trust.Opened | None = None
    subjects: list[str] | None = None
    """Problems with the subjects; None if they were not checked."""
    files: dict[str, str] = field(default_factory=dict)
    """For a folder: each file, and whether it matches the manifest."""
    problems: list[str] = field(default_factory=list)
    """The reasons for `refused`."""

    def as_json(self) -> dict[str, Any]:
        """The JSON object that `--json` prints."""
        opened = self.opened
        return {
            "verdict": self.verdict,
            "trusted": self.verdict == "trusted",
            "keyid": opened.keyids[0] if opened and opened.keyids else None,
            "keyids": list(opened.keyids) if opened else [],
            "trustedBy": opened.origin or None if opened else None,
            "payloadSha256": hashlib.sha256(opened.payload).hexdigest() if opened else None,
            "subjects": None if self.subjects is None else {"ok": not self.subjects, "problems": self.subjects},
            "files": self.files,
            "problems": self.problems,
        }


@click.command("verify")
@click.argument("path", metavar="PATH", type=click.Path(exists=True, readable=False, path_type=Path))
@click.option(
    "--key", "keys", multiple=True, metavar="PUB", type=EXISTING_FILE, help="Trust this public key; repeatable."
)
@click.option("--trust", "trust_file", metavar="FILE", type=EXISTING_FILE, help="Trust the keys in this file.")
@click.option(
    "--integrity-only", is_flag=True, help="Also exit with 0 if the untrusted key beside it made a valid signature."
)
@click.option("--strict", is_flag=True, help="Refuse envelopes whose bytes differ from those that auditor writes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code is the answer.")
def command(
    path: Path,
    keys: Sequence[Path],
    trust_file: Path | None,
    *,
    integrity_only: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """
    Verify PATH: an envelope, an audit folder, or a bare manifest.json (which is UNSIGNED).

    Without --key and --trust, this machine's own key is trusted. Exit codes: 0 signed by a trusted key, and no file
    differs; 4 not verified; 5 PATH could not be read.
    """
    report = _examine(path, accepted_keys(keys, trust_file), strict=strict)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    elif not quiet:
        click.echo("\n".join(_lines(report)))
    accepted = ("trusted", "intact") if integrity_only else ("trusted",)
    return OK if report.verdict in accepted else UNTRUSTED


def _examine(path: Path, trusted: Sequence[trust.TrustedKey], *, strict: bool) -> Report:
    """Verify everything. A file that cannot be read as a manifest is refused."""
    report = Report()
    try:
        report.opened = trust.open_manifest(path, trusted, strict=strict)
        report.subjects = subject_problems(parse(report.opened.payload, "the manifest"))
        if report.opened.folder is not None:
            report.files, problems = _compare_folder(report.opened)
            report.problems += problems
    except (ManifestError, SignatureError) as problem:
        report.problems.append(as_text(problem))
    except OSError as problem:
        raise AuditorError(
            f"{path} cannot be read: {problem}", "Nothing was verified. Check the path and its permissions."
        ) from problem
    report.problems += report.subjects or []
    if report.opened is not None and not report.problems:
        report.verdict = report.opened.standing
    return report


def _compare_folder(opened: trust.Opened) -> tuple[dict[str, str], list[str]]:
    from ..output import audit_folder  # noqa: PLC0415 -- models and templates: only a folder needs them

    root = opened.folder or Path()
    comparison = audit_folder.compare(root, opened.manifest(), opened.payload, opened.public_keys)
    return comparison.files, comparison.problems()


def _lines(report: Report) -> list[str]:
    opened = report.opened
    lines = [_headline(report)]
    if opened and opened.keyids:
        lines.append(f"key: {opened.keyids[0]}" + (f" ({opened.origin})" if opened.origin else " (not trusted)"))
    if report.subjects is not None:
        lines.append(f"subjects {'match' if not report.subjects else 'DO NOT match'} the recorded facts")
    if report.files:
        same = sum(state == "same" for state in report.files.values())
        lines.append(f"files: {same} of {len(report.files)} match the manifest")
    lines += [f"  {name!a}: {state}" for name, state in sorted(report.files.items()) if state != "same"]
    return lines + [f"- {problem}" for problem in report.problems]


def _headline(report: Report) -> str:
    if report.opened is None or report.verdict == "refused":
        return "REFUSED: the manifest or a file of its folder does not verify"
    if report.verdict == "trusted":
        return f"verified: {report.opened.told}"
    if report.verdict == "intact":
        return f"NOT TRUSTED: {signed_by(report.opened)}"
    return report.opened.told
