"""`auditor keygen`: create a key pair."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import KeyFileError, OutputError
from ..signing import files
from ..signing.ecdsa_p256 import EcdsaP256Signer
from ..signing.ed25519 import Ed25519Signer
from ..signing.enclosing import refuse_inside_signed
from ..signing.pem import PASSPHRASE_VARIABLE, passphrase

TYPES: dict[str, type[Ed25519Signer | EcdsaP256Signer]] = {"ed25519": Ed25519Signer, "ecdsa-p256": EcdsaP256Signer}


@click.command("keygen")
@click.option(
    "-o",
    "--output",
    "name",
    default="auditor-key",
    show_default=True,
    metavar="NAME",
    help="Write NAME.pem and NAME.pub.",
)
@click.option("--type", "kind", type=click.Choice([*TYPES]), default="ed25519", show_default=True, help="Kind of key.")
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase on the terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the key id.")
def command(name: str, kind: str, *, encrypt: bool, quiet: bool) -> None:
    """
    Create a key pair: NAME.pem (private, mode 0600) and NAME.pub. Existing files are never overwritten.

    The private key is encrypted if AUDITOR_KEY_PASSPHRASE is set, or with --encrypt.
    """
    private, public = Path(f"{name}.pem"), Path(f"{name}.pub")
    refuse_inside_signed(private, "Name another place with -o.")
    signer = TYPES[kind].generate()
    secret = passphrase()
    if encrypt and not secret:
        secret = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True).encode()
    try:
        files.create(public, signer.verifier().public_pem(), files.PUBLIC)
        try:
            files.create(private, signer.private_pem(secret), files.PRIVATE)
        except BaseException:
            public.unlink()  # a public key without its private key is useless
            raise
    except FileExistsError as problem:
        raise OutputError(
            f"{private} or {public} already exists, and keys are never overwritten",
            "No key was made. Choose another name with -o.",
        ) from problem
    except OSError as problem:
        raise KeyFileError(
            f"the keys cannot be written to {private.parent}: {problem.strerror or problem}",
            "No key was made. Name another place with -o.",
        ) from problem
    click.echo(signer.keyid)
    if not quiet:
        protected = "encrypted" if secret else f"not encrypted; --encrypt or {PASSPHRASE_VARIABLE} would encrypt it"
        click.echo(f"{private}: the private key ({protected}). Keep it secret.", err=True)
        click.echo(f"{public}: the public key. Give it to everyone who verifies (--key).", err=True)
