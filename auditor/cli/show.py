"""`auditor show`: any file that auditor wrote, again, for a person."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import SignatureError, UsageError
from .signed import open_accepted, signed_by, trust_options

if TYPE_CHECKING:
    from ..shown import kinds


@click.command("show")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, path_type=Path, readable=False))
@trust_options
def command(*, path: Path, keys: Sequence[Path], trust_file: Path | None, allowed_signers: Path | None) -> None:
    """
    Print FILE again, as the command that wrote it did for a person.

    FILE is an envelope, an audit folder or a bare manifest.json (UNSIGNED); a trace of `replay --record`; an
    operators.json; or what `audit`, `check`, `probe` and `replay` print with --json and `gate` with --format json.
    Exit codes: 0 shown, whatever its verdict; 4 the signature does not verify, or is not of a named key; 5 FILE cannot
    be read, or is none of these.
    """
    from ..shown.kinds import recognised  # noqa: PLC0415 - models: `show --help` needs none of them

    read = recognised(path)
    if read.kind == "manifest":
        _manifest(path, keys, trust_file, allowed_signers)
        return
    if keys or trust_file or allowed_signers:
        raise SignatureError(
            f"{path} is not a manifest and has no signature",
            "Nothing was shown. Name a signed manifest, or leave --key, --trust and --allowed-signers out.",
        )
    _unsigned(read)


def _manifest(path: Path, keys: Sequence[Path], trust_file: Path | None, allowed_signers: Path | None) -> None:
    from ..quoting.inert import visible  # noqa: PLC0415 - as above
    from ..render import summary, terminal  # noqa: PLC0415
    from ..shown import manifest as shown  # noqa: PLC0415

    if not path.is_file() and not path.is_dir():
        raise UsageError(
            f"{path} is a pipe, but a manifest is read together with the key beside it",
            "Nothing was shown. Name the file or folder.",
        )
    opened = open_accepted(path, keys, trust_file, allowed_signers)
    manifest = opened.manifest()
    if said := summary.container(manifest.predicate.facts):
        click.echo(f"auditor: {visible(said)}", err=True)
    _print(shown.joined(manifest))
    places = shown.paths(path, signed_by(opened))
    if shown.alone(manifest):
        _print(shown.where(places))
    else:
        terminal.show(manifest, paths=places)
    click.echo(f"auditor: {visible(str(path))} is {signed_by(opened)}.", err=True)


def _unsigned(read: kinds.Recognised) -> None:
    from ..shown import documents, lines, operators, trace  # noqa: PLC0415 - as above

    if read.kind == "findings":
        from ..render import terminal  # noqa: PLC0415 - as above

        found = documents.findings(read)
        _print(documents.program(read.document))
        terminal.show(found)
    elif read.kind == "trace":
        _print(trace.text(read.path))
    elif read.kind == "operators":
        _print(operators.text(read))
    elif read.kind == "probe":
        _print(list(lines.facts(read.document["facts"]))[1:])
    else:
        _print((documents.gate if read.kind == "gate" else documents.replay)(read))


def _print(told: Iterable[str]) -> None:
    """Print lines, all of them or, where the file is damaged, none."""
    from ..shown import lines  # noqa: PLC0415 - as above

    for line in [*lines.fitted(told, lines.columns(sys.stdout))]:
        click.echo(line)
