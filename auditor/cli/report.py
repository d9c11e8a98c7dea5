"""`auditor report`: a signed manifest in the format that a reader or a program asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..errors import UsageError
from ..report import formats, source
from ..report.crate.stated import Stated
from ..signing.enclosing import refuse_inside_signed
from ._written import STDOUT, write
from .signed import accepted_keys, open_accepted, signed_by, trust_options

EPILOG = "Formats:\n\n\b\n" + "\n".join(f"{name:<14} {form.help}" for name, form in formats.FORMATS.items())


@click.command("report", epilog=EPILOG)
@click.argument("path", metavar="MANIFEST", type=click.Path(exists=True, path_type=Path))
@trust_options
@click.option(
    "--format",
    "form",
    type=click.Choice([*formats.FORMATS]),
    default="markdown",
    show_default=True,
    help="The format; see below.",
)
@click.option("--anonymous", is_flag=True, help="For blind review: refuse a manifest that was not made anonymous.")
@click.option("--author", "authors", multiple=True, metavar="NAME", help="ro-crate: who made it; repeatable.")
@click.option("--license", "licence", metavar="ID|URL", default="", help="ro-crate: its licence, such as CC-BY-4.0.")
@click.option("--citation", is_flag=True, help="ro-crate: with a CITATION.cff.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default=STDOUT,
    help="Where; - is standard output. A ro-crate is a new folder, or an archive if the name ends in .zip.  "
    "[default: -]",
)
def command(
    *,
    path: Path,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    form: str,
    anonymous: bool,
    authors: tuple[str, ...],
    licence: str,
    citation: bool,
    output: str,
) -> None:
    """
    Write MANIFEST, an envelope or an audit's folder, in another format.

    What is written holds nothing that the manifest does not: the same manifest gives the same file everywhere. A bare
    manifest.json is marked UNSIGNED. Exit codes: 0 written; 4 the signature does not verify, or is not of a named key;
    5 MANIFEST cannot be read, or the file not be written.
    """
    stated = Stated(authors, licence, citation=citation)
    packs = formats.FORMATS[form].packs
    if stated != Stated() and not packs:
        raise UsageError(
            f"--author, --license and --citation belong to --format ro-crate, not to {form}", "Nothing was written."
        )
    opened = open_accepted(path, keys, trust_file, allowed_signers)
    if packs:
        source.require_whole(path, accepted_keys(keys, trust_file, allowed_signers))
    if output != STDOUT:
        refuse_inside_signed(Path(output))
    reported = source.of(path, opened)
    if anonymous:
        source.require_anonymous(reported)
    if packs:
        _pack(reported, stated, output)
    else:
        write(output, formats.render(form, reported))
    click.echo(f"auditor: {form} of a manifest that is {signed_by(opened)}.", err=True)


def _pack(reported: source.Reported, stated: Stated, output: str) -> None:
    from ..report.crate import pack  # noqa: PLC0415 - only for this format

    if output == STDOUT:
        write(output, pack.render(reported, stated))
    else:
        pack.write(reported, stated, Path(output))
