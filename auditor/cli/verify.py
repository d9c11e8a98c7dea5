"""`auditor verify`: signature, subjects and, for an audit's folder, everything else that lies in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ..errors import OK, UNTRUSTED, AuditorError, KeyFileError, ManifestError, SignatureError, as_text
from ..manifest.profiles import subject_problems
from ..manifest.strict_json import parse
from ..signing import trust

EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=False, path_type=Path)
"""Whether it can be read is found by reading it: that is exit 5, not a usage error."""
ANYONE = "intact, but anyone could have made both"


@dataclass
class Report:
    """The answer, as it is printed."""

    verdict: str = "refused"
    """`trusted`, `intact`, `unsigned` or `refused`."""
    opened: trust.Opened | None = None
    subjects: list[str] | None = None
    """Problems with the subjects; None when they were not looked at."""
    files: dict[str, str] = field(default_factory=dict)
    """For a folder: each file, and whether it is what the manifest gives."""
    problems: list[str] = field(default_factory=list)
    """Why it was refused."""

    def as_json(self) -> dict[str, Any]:
        """One JSON object for machines."""
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
@click.option("--integrity-only", is_flag=True, help="Exit 0 also when intact under an untrusted key beside it.")
@click.option("--strict", is_flag=True, help="Refuse any other envelope bytes than those that auditor writes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
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
    Verify PATH: an envelope, an audit's folder, or a bare manifest.json (which is UNSIGNED).

    Without --key and --trust, this machine's own key counts. Exit 0: signed by a trusted key, and nothing differs; 4:
    anything else that was read; 5: it could not be read.
    """
    report = _examine(path, _trusted(keys, trust_file), strict=strict)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    elif not quiet:
        click.echo("\n".join(_lines(report)))
    accepted = ("trusted", "intact") if integrity_only else ("trusted",)
    return OK if report.verdict in accepted else UNTRUSTED


def _trusted(keys: Sequence[Path], trust_file: Path | None) -> list[trust.TrustedKey]:
    """The keys that were named, else the local identity: who names signers wants those and no other."""
    if keys or trust_file:
        return trust.trusted_keys(keys, trust_file)
    try:
        return trust.own_key()
    except KeyFileError as problem:
        click.echo(f"auditor: this machine's own key does not count: {as_text(problem)}", err=True)
        return []


def _examine(path: Path, trusted: Sequence[trust.TrustedKey], *, strict: bool) -> Report:
    """Everything there is to verify. What cannot be read as a manifest is refused: nothing of it was verified."""
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
        raise AuditorError(f"{path} cannot be read: {problem}", "Nothing was verified.") from problem
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
        lines.append("subjects: " + ("as the facts give" if not report.subjects else "NOT as the facts give"))
    if report.files:
        same = sum(state == "same" for state in report.files.values())
        lines.append(f"files: {same} of {len(report.files)} as the manifest gives")
    lines += [f"  {name!a}: {state}" for name, state in sorted(report.files.items()) if state != "same"]
    return lines + [f"- {problem}" for problem in report.problems]


def _headline(report: Report) -> str:
    if report.verdict == "trusted":
        return "verified: signed by a trusted key"
    if report.verdict == "intact":
        return f"NOT TRUSTED: {ANYONE}. Name the signer's key with --key."
    if report.verdict == "unsigned":
        return "UNSIGNED: anyone could have written it"
    return "REFUSED"
