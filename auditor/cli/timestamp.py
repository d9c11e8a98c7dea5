"""`auditor timestamp`: the time of a signature by an authority (RFC 3161), in two steps without a network."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import OutputError
from ..signing import envelope, files, timestamp
from ..signing.enclosing import refuse_inside_signed
from ..signing.trust import locate, read_limited
from .signed import EXISTING_FILE

MANIFEST = click.argument("path", metavar="MANIFEST", type=click.Path(exists=True, path_type=Path))


@click.group("timestamp")
def command() -> None:
    """Prove when a signature existed: write a query, send it to an authority, attach the answer."""


@command.command("query")
@MANIFEST
@click.option("--keyid", default="", metavar="ID", help="The signature to stamp, by the begin of its key id.")
@click.option(
    "-o",
    "--output",
    default=Path("query.tsq"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the query to this new file.",
)
def write_query(path: Path, keyid: str, output: Path) -> None:
    """
    Write the query for a signature of MANIFEST, an envelope or an audit folder.

    Send it as your authority asks, for instance: curl -H 'Content-Type: application/timestamp-query' --data-binary
    @query.tsq URL > answer.tsr
    """
    refuse_inside_signed(output)
    _create(output, timestamp.query(envelope.read(read_limited(locate(path))), keyid))
    click.echo(output)


@command.command("attach")
@MANIFEST
@click.argument("answer", metavar="ANSWER", type=EXISTING_FILE)
@click.option("--tsa-roots", metavar="FILE", type=EXISTING_FILE, help="Verify it with these root certificates first.")
def attach(path: Path, answer: Path, tsa_roots: Path | None) -> None:
    """
    Put an authority's ANSWER beside the signature of MANIFEST that it stamps.

    In a signed audit folder it needs no new list of files, since it verifies by itself.
    """
    place = locate(path)
    data = read_limited(answer, timestamp.ANSWER_LIMIT_BYTES)
    sig = timestamp.stamped_signature(data, envelope.read(read_limited(place)))
    stamp = timestamp.check(answer, sig, timestamp.load_roots(tsa_roots) if tsa_roots else ())
    target = place.with_name(timestamp.name_of(place.name, sig))
    _create(target, data)
    click.echo(target)
    click.echo(f"{stamp.moment:%Y-%m-%dT%H:%M:%SZ} by {stamp.authority}" + ("" if tsa_roots else " (not verified)"))


def _create(target: Path, data: bytes) -> None:
    try:
        files.create(target, data, files.PUBLIC)
    except OSError as problem:
        raise OutputError(
            f"{target} cannot be written: {problem.strerror or problem}", "Nothing was written. Name another place."
        ) from problem
