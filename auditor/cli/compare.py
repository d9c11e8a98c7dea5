"""`auditor compare`: the differences between two manifests or two traces, and their effect on numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from .. import compare
from ..errors import FAILED, FINDINGS, INCONCLUSIVE, OK, ManifestError, SignatureError, UsageError
from ..quoting.inert import visible
from ..render import comparison as rendered
from ..replay import compare_traces
from ..signing import trust
from ..signing.trusted_key import TrustedKey
from ._format import text_or_json
from .signed import accepted_keys, signed_by, trust_options

EXISTING_PATH = click.Path(exists=True, path_type=Path)
TRACE_EXIT_CODES = {"identical": OK, "differs": FINDINGS, "cannot-tell": INCONCLUSIVE}
EXIT_CODES = {"same": OK, "differs": FINDINGS, "cannot-tell": INCONCLUSIVE, "error": FAILED}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""JSON forbids it; the parser reports it with a clear message."""
NEITHER = (
    "Nothing was compared. `auditor replay --record` writes traces, `auditor audit` and `auditor replay --attach` write"
    " manifests. Copy the file again from its origin."
)
SHORT_WORDS = {"trusted": "trusted", "intact": "intact, not trusted", "unsigned": "UNSIGNED"}


@click.command("compare")
@click.argument("first", metavar="A", type=EXISTING_PATH)
@click.argument("second", metavar="B", type=EXISTING_PATH)
@trust_options
@click.option("--explain", is_flag=True, help="Add the reason and the source for the effect of each difference.")
@text_or_json
def command(
    first: Path,
    second: Path,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    *,
    explain: bool,
    as_json: bool,
) -> int:
    """
    Compare two environments: which facts and readings differ, and whether that can change numbers.

    A and B are envelopes, audit folders, bare manifest.json files or outputs of `probe --json` (the last two are
    UNSIGNED). Exit codes: 0 nothing that can change numbers differs; 1 such a fact or a reading differs; 3 cannot tell;
    4 a signature does not verify; 5 a file cannot be read, or the digests are of different algorithms.

    A and B can also be traces of `auditor replay --record`. Exit codes: 0 every operation gives the same bits; 1 the
    first difference of each process is shown; 3 cannot tell.
    """
    named = bool(keys or trust_file or allowed_signers)
    if _are_traces(first, second, signed=named):
        return _compare_traces(first, second, as_json=as_json)
    accepted = accepted_keys(keys, trust_file, allowed_signers)
    sides = [_open(path, accepted, named=named) for path in (first, second)]
    for name, path, (_, opened) in zip("AB", (first, second), sides, strict=True):
        click.echo(f"auditor: {name} ({visible(str(path))}) is {signed_by(opened)}.", err=True)
    found = compare.compare(sides[0][0], sides[1][0])
    if as_json:
        about = {
            name: {
                "path": str(path),
                "standing": opened.standing,
                "trustedBy": opened.origin or None,
                "finishedOn": side.finished_on or None,
            }
            for name, path, (side, opened) in zip("ab", (first, second), sides, strict=True)
        }
        click.echo(json.dumps({**about, **found.model_dump(mode="json", by_alias=True)}))
    else:
        names = [_told(path, *side) for path, side in zip((first, second), sides, strict=True)]
        click.echo(rendered.text(found, (names[0], names[1]), explain=explain))
    return EXIT_CODES[found.verdict]


def _are_traces(first: Path, second: Path, *, signed: bool) -> bool:
    found = [compare_traces.is_trace(path) for path in (first, second)]
    if not any(found):
        return False
    if not all(found):
        odd, other = (first, second) if found[0] else (second, first)
        raise UsageError(
            f"{odd} is a trace, but {other} is not",
            "Nothing was compared. Compare two traces (`auditor replay --record`), or two manifests.",
        )
    if signed:
        raise UsageError(
            "--key and --trust need signed files, and a trace has no signature",
            "Nothing was compared. Leave the option out; `auditor replay --attach` signs the digests of its traces.",
        )
    return True


def _compare_traces(first: Path, second: Path, *, as_json: bool) -> int:
    from ..render import traces as shown  # noqa: PLC0415 - only where traces are compared

    found = compare_traces.compare_files(first, second)
    if as_json:
        click.echo(json.dumps({"a": str(first), "b": str(second), **found.model_dump(mode="json")}))
    else:
        click.echo(shown.text(found, (str(first), str(second))))
    return TRACE_EXIT_CODES[found.verdict]


def _open(path: Path, accepted: Sequence[TrustedKey], *, named: bool) -> tuple[compare.Side, trust.Opened]:
    """One side and what was opened; if keys were named, only what they signed is accepted."""
    data = trust.read_limited(trust.locate(path))
    if not data.lstrip().startswith((b"{", BYTE_ORDER_MARK)):
        raise ManifestError(f"{path} is neither a trace nor a manifest", NEITHER)
    if compare.is_probe(data):
        if named:
            raise SignatureError(
                f"{path} is the output of `probe --json`, which has no signature",
                "Nothing was compared. Name a signed manifest, or leave --key and --trust out.",
            )
        return compare.of_probe(data), trust.Opened(data, "unsigned")
    if not path.is_file() and not path.is_dir():
        raise UsageError(
            f"{path} is a pipe, but a manifest is read together with the key beside it",
            "Nothing was compared. Name the file or folder; only the output of `probe --json` can be piped.",
        )
    opened = trust.open_manifest(path, accepted)
    if named:
        trust.require_trusted(opened)
    return compare.of_manifest(opened.manifest()), opened


def _told(path: Path, side: compare.Side, opened: trust.Opened) -> str:
    made = f", finished {side.finished_on}" if side.finished_on else ""
    who = trust.LOCAL_ORIGIN if opened.origin == trust.LOCAL_ORIGIN else SHORT_WORDS[opened.standing]
    return f"{path}{made} ({who})"
