"""The options --key and --trust of the commands that read a manifest, and how those commands open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from ..signing import trust

Command = TypeVar("Command", bound=Callable[..., Any])
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STANDING_WORDS: dict[trust.Standing, str] = {
    "trusted": "signed by a trusted key",
    "intact": "signed by the key beside it, which is not trusted: anyone could have made both",
    "unsigned": "UNSIGNED: anyone could have written it",
}


def trust_options(command: Command) -> Command:
    """The options `keys` and `trust_file`."""
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
        )
    ):
        command = option(command)
    return command


def open_accepted(path: Path, keys: Sequence[Path], trust_file: Path | None) -> trust.Opened:
    """
    Open a manifest. With keys or a trust file, accept only one that a trusted key signed.

    Raises ManifestError, SignatureError, KeyFileError and UsageError, as `trust` does.
    """
    opened = trust.open_manifest(path, trust.trusted_keys(keys, trust_file))
    if keys or trust_file:
        trust.require_trusted(opened)
    return opened
