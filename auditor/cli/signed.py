"""The options --key, --trust and --allowed-signers of the commands that read a manifest, and how they open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import KeyFileError, as_text
from ..signing import trust
from ..signing.trusted_key import TrustedKey

Command = TypeVar("Command", bound=Callable[..., Any])
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def trust_options(command: Command) -> Command:
    """The options `keys`, `trust_file` and `allowed_signers`."""
    for option in reversed(
        (
            click.option(
                "--key",
                "keys",
                multiple=True,
                metavar="PUB",
                type=EXISTING_FILE,
                help="Accept only manifests signed with this key.",
            ),
            click.option(
                "--trust",
                "trust_file",
                metavar="FILE",
                type=EXISTING_FILE,
                help="Accept only manifests signed with a key in FILE.",
            ),
            click.option(
                "--allowed-signers",
                "allowed_signers",
                metavar="FILE",
                type=EXISTING_FILE,
                help="Accept only manifests signed with a key in OpenSSH's FILE.",
            ),
        )
    ):
        command = option(command)
    return command


def accepted_keys(
    keys: Sequence[Path], trust_file: Path | None, allowed_signers: Path | None = None
) -> list[TrustedKey]:
    """
    The named keys; this machine's own key only if none was named, so that it never stands in for a named signer.

    Raises KeyFileError for a named file without a valid key. An own key that cannot be used is told, and not trusted.
    """
    if keys or trust_file or allowed_signers:
        return trust.trusted_keys(keys, trust_file, allowed_signers)
    try:
        return trust.own_key()
    except KeyFileError as problem:
        click.echo(f"auditor: this machine's own key is not trusted: {as_text(problem)}", err=True)
        return []


def open_accepted(
    path: Path, keys: Sequence[Path], trust_file: Path | None, allowed_signers: Path | None = None
) -> trust.Opened:
    """
    Open a manifest. With keys, a trust file or allowed signers, accept only one that a trusted key signed.

    Raises ManifestError, SignatureError, KeyFileError and UsageError, as `trust` does.
    """
    opened = trust.open_manifest(path, accepted_keys(keys, trust_file, allowed_signers))
    if keys or trust_file or allowed_signers:
        trust.require_trusted(opened)
    return opened


def signed_by(opened: trust.Opened) -> str:
    """Who signed it, and the option that would make its key a trusted one."""
    return opened.told + (" (see --key)" if opened.standing == "intact" else "")
