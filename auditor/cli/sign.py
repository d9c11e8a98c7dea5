"""`auditor sign`: sign a manifest, or add a signature."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import ManifestError, OutputError
from ..manifest.models import read
from ..manifest.profiles import subject_problems
from ..manifest.strict_json import canonical, parse
from ..signing import envelope, files
from ..signing.ed25519 import Ed25519Signer, load_signer
from ..signing.trust import ENVELOPE_NAME, PUBLIC_KEY_NAME, is_bare, locate, read_limited


@click.command("sign")
@click.argument("path", metavar="MANIFEST", type=click.Path(exists=True, readable=False, path_type=Path))
@click.option(
    "--key",
    required=True,
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, readable=False, path_type=Path),
    help="The private key (NAME.pem).",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the envelope to this new file."
)
def command(path: Path, key: Path, output: Path | None) -> None:
    """
    Sign MANIFEST. An envelope or an audit folder gets one more signature; a bare manifest.json gets an envelope.

    Your signature says that you vouch for the content. Other signatures are kept but not verified. Prints your key id.
    """
    signer = load_signer(key)
    place = locate(path)
    data = read_limited(place)
    bare = is_bare(data)
    before = _unsigned(data) if bare else envelope.read(data)
    _refuse_invalid(before.payload)
    signed = envelope.write(envelope.add_signature(before, signer))
    target = output or (place.with_name(ENVELOPE_NAME) if bare else place)
    try:
        _write(target, signed, new=bare or output is not None)
        if bare and output is None:
            _publish(target.with_name(PUBLIC_KEY_NAME), signer)
    except OSError as problem:
        raise OutputError(
            f"{target} cannot be written: {problem.strerror or problem}",
            "No signature was added, and no file was changed. Name another file with -o.",
        ) from problem
    click.echo(signer.keyid)


def _unsigned(data: bytes) -> envelope.Envelope:
    """An envelope without signatures around a bare payload: canonical, with every field as it is."""
    return envelope.Envelope(canonical(parse(data, "the manifest")), envelope.PAYLOAD_TYPE, ())


def _refuse_invalid(payload: bytes) -> None:
    """Raise ManifestError for a manifest that other commands would refuse."""
    read(payload)
    problems = subject_problems(parse(payload, "the manifest"))
    if problems:
        raise ManifestError(f"the manifest is inconsistent: {problems[0]}", "Nothing was signed. Audit again.")


def _write(target: Path, data: bytes, *, new: bool) -> None:
    if not new:
        files.replace(target, data)
        return
    try:
        files.create(target, data, files.PUBLIC)
    except FileExistsError as problem:
        raise OutputError(
            f"{target} already exists, and envelopes are never overwritten",
            "Nothing was signed. Name the envelope to add a signature to it, or name another file with -o.",
        ) from problem


def _publish(path: Path, signer: Ed25519Signer) -> None:
    """Write the public key beside a first signature, as in an audit folder; an existing one is kept."""
    if not path.exists():
        files.create(path, signer.verifier().public_pem(), files.PUBLIC)
