"""`auditor verify`: the signature, the subjects and, for an audit folder, all other files in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..errors import OK, UNTRUSTED
from ..output.claims import Claims, age
from ..output.examined import Report, examine
from ..signing import folder, timestamp
from ..signing.folder import FolderComparison
from ..signing.required import Required, owners_of
from .signed import accepted_keys, signed_by

EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=False, path_type=Path)
"""`readable` is not checked here, since an unreadable file is exit code 5, not a usage error."""


@click.command("verify")
@click.argument("path", metavar="PATH", type=click.Path(exists=True, readable=False, path_type=Path))
@click.option(
    "--key", "keys", multiple=True, metavar="PUB", type=EXISTING_FILE, help="Trust this public key; repeatable."
)
@click.option("--trust", "trust_file", metavar="FILE", type=EXISTING_FILE, help="Trust the keys in this file.")
@click.option("--allowed-signers", metavar="FILE", type=EXISTING_FILE, help="Trust the keys in this file of OpenSSH.")
@click.option(
    "--signatures",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Least number of trusted signers; keys of one owner count once.",
)
@click.option(
    "--signer",
    "signers",
    multiple=True,
    metavar="NAME",
    help="This trusted owner of a key must have signed; repeatable.",
)
@click.option("--max-age", metavar="AGE", default="", help="Refuse an audit that finished longer ago: 30d, 12h, 90m.")
@click.option(
    "--subject",
    "about",
    multiple=True,
    metavar="PATH|git:REV|oci:NAME@sha256:…",
    help="Refuse a manifest that is not about this; repeatable.",
)
@click.option(
    "--tsa-roots",
    metavar="FILE",
    type=EXISTING_FILE,
    help="Require a timestamp by an authority under these certificates.",
)
@click.option(
    "--integrity-only", is_flag=True, help="Also exit with 0 if the untrusted key beside it made a valid signature."
)
@click.option("--strict", is_flag=True, help="Refuse envelopes whose bytes differ from those that auditor writes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code is the answer.")
def command(
    *,
    path: Path,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    signatures: int,
    signers: tuple[str, ...],
    max_age: str,
    about: tuple[str, ...],
    tsa_roots: Path | None,
    integrity_only: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """
    Verify PATH: an envelope, an audit folder, or a bare manifest.json (which is UNSIGNED).

    Without --key, --trust and --allowed-signers, this machine's own key is trusted. Exit codes: 0 signed by a trusted
    key, and no file differs; 4 not verified; 5 PATH could not be read.
    """
    trusted = accepted_keys(keys, trust_file, allowed_signers)
    claims = Claims(age(max_age) if max_age else None, _named(about) if about else ())
    required, roots = Required(signatures, signers), timestamp.load_roots(tsa_roots) if tsa_roots else []
    report = examine(path, trusted, required=required, claims=claims, strict=strict, tsa_roots=roots)
    if as_json:
        click.echo(json.dumps(_document(report, proven=bool(roots))))
    elif not quiet:
        click.echo("\n".join(_lines(report, proven=bool(roots))))
    lax = integrity_only and signatures == 1 and not signers
    return OK if report.verdict in {"trusted", *(("intact",) if lax else ())} else UNTRUSTED


def _named(about: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """The digest of each subject that the user names. Raises UsageError."""
    from ..audit import named_subjects  # noqa: PLC0415 -- models: only this option needs them

    found = []
    for text, subject in zip(about, named_subjects.subjects(about), strict=True):
        digest = subject.digest
        found.append((text, "sha256", digest.sha256) if digest.sha256 else (text, "gitCommit", digest.git_commit or ""))
    return tuple(found)


def _document(report: Report, *, proven: bool) -> dict[str, Any]:
    """The JSON object that `--json` prints."""
    opened = report.opened
    return {
        "verdict": report.verdict,
        "trusted": report.verdict == "trusted",
        "keyid": opened.keyids[0] if opened and opened.keyids else None,
        "keyids": list(opened.keyids) if opened else [],
        "trustedBy": opened.origin or None if opened else None,
        "signers": owners_of(opened.signers) if opened else [],
        "timestamps": [
            {"time": f"{one.moment:%Y-%m-%dT%H:%M:%SZ}", "authority": one.authority, "proven": proven}
            for one in report.stamps
        ],
        "payloadSha256": hashlib.sha256(opened.payload).hexdigest() if opened else None,
        "subjects": None if report.subjects is None else {"ok": not report.subjects, "problems": report.subjects},
        "files": report.folder.files if report.folder else {},
        "filesListed": report.folder.listed if report.folder else None,
        "problems": report.problems,
    }


def _lines(report: Report, *, proven: bool) -> list[str]:
    opened = report.opened
    lines = [_headline(report)]
    if opened and opened.signers:
        lines += [
            f"key: {key.verifier.keyid} ({', '.join(ascii(one)[1:-1] for one in (key.name, key.origin) if one)})"
            for key in {one.verifier.keyid: one for one in reversed(opened.signers)}.values()
        ][::-1]
    elif opened and opened.keyids:
        lines.append(f"key: {opened.keyids[0]} (not trusted)")
    for stamp in report.stamps:
        told = "proven by" if proven else "as stated, not verified (see --tsa-roots), by"
        lines.append(f"signed before {stamp.moment:%Y-%m-%dT%H:%M:%SZ}, {told} {stamp.authority!a}")
    if report.subjects is not None:
        lines.append(f"subjects {'match' if not report.subjects else 'DO NOT match'} the recorded facts")
    if report.folder is not None:
        lines += _of_files(report.folder)
    return lines + [f"- {problem}" for problem in report.problems]


def _of_files(compared: FolderComparison) -> list[str]:
    counted = [state for state in compared.files.values() if state != folder.LITTER]
    same = sum(state == folder.SAME for state in counted)
    what = (
        "the signed list" if compared.listed else "the manifest: there is no signed list, so they were rendered again"
    )
    lines = [f"files: {same} of {len(counted)} match {what}"]
    return lines + [f"  {name!a}: {state}" for name, state in sorted(compared.files.items()) if state != folder.SAME]


def _headline(report: Report) -> str:
    if report.opened is None or report.verdict == "refused":
        return "REFUSED: the manifest or a file of its folder does not verify"
    if report.verdict == "trusted":
        return f"verified: {report.opened.told}"
    if report.verdict == "intact":
        return f"NOT TRUSTED: intact, signer unknown: {signed_by(report.opened)}"
    return report.opened.told
