"""`auditor sign`: sign a manifest or an audit folder, or add a signature."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import UsageError
from ..output import resigned
from ..output.examined import examine
from ..signing import keys as key_files
from ..signing.enclosing import refuse_inside_signed
from .signed import EXISTING_FILE, accepted_keys, signed_by


@click.command("sign")
@click.argument("path", metavar="MANIFEST", type=click.Path(exists=True, readable=False, path_type=Path))
@click.option(
    "--key",
    required=True,
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, readable=False, path_type=Path),
    help="The private key: PEM or OpenSSH. A public key of OpenSSH signs through ssh-agent.",
)
@click.option("--add", is_flag=True, help="Counter-sign: verify the earlier signatures and files, then add yours.")
@click.option(
    "--trust", "trust_file", metavar="FILE", type=EXISTING_FILE, help="With --add: trust the keys in this file."
)
@click.option(
    "--allowed-signers", metavar="FILE", type=EXISTING_FILE, help="With --add: trust the keys in this file of OpenSSH."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the envelope to this new file."
)
def command(
    path: Path, key: Path, output: Path | None, trust_file: Path | None, allowed_signers: Path | None, *, add: bool
) -> None:
    """
    Sign MANIFEST. An envelope gets one more signature, a bare manifest.json gets an envelope. Prints your key id.

    An audit folder is signed with the list of its files. Your signature says that you vouch for the content. Other
    signatures are kept; they are verified only with --add.
    """
    signer = key_files.load_signer(key)
    if add:
        _verify_first(path, trust_file, allowed_signers)
    elif trust_file or allowed_signers:
        raise UsageError("--trust and --allowed-signers verify earlier signatures", "Nothing was signed. Use --add.")
    if path.is_dir() and output is None:
        for note in resigned.sign_folder(path, signer):
            click.echo(note, err=True)
    else:
        if output is not None:
            refuse_inside_signed(output)
        resigned.sign_file(path, signer, output)
    click.echo(signer.keyid)


def _verify_first(path: Path, trust_file: Path | None, allowed_signers: Path | None) -> None:
    """Refuse to counter-sign what does not verify; say who signed it. Raises UsageError for what has no signature."""
    report = examine(path, accepted_keys((), trust_file, allowed_signers))
    named = bool(trust_file or allowed_signers)
    if report.verdict == "unsigned":
        raise UsageError("there is no signature yet", "Nothing was signed. Leave out --add to make the first.")
    if report.opened is None or report.verdict == "refused" or (named and report.verdict != "trusted"):
        why = "; ".join(report.problems) or "no trusted key signed it"
        raise resigned.not_vouched(f"{path} does not verify, so it was not counter-signed: {why}")
    click.echo(f"auditor: {path} is {signed_by(report.opened)}.", err=True)
