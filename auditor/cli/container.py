"""`auditor container`: container specifications from a manifest."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from .. import specs, trust
from ..errors import OutputError, UsageError
from ..render.inert import visible

DEFAULT_OUTPUT = Path("container")
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STANDING_WORDS = {
    "unsigned": "The manifest is UNSIGNED: nobody vouches for it, and the files say so.",
    "intact": "The manifest is intact under the key that lies beside it, but anyone could have made both (see --key).",
}


@click.group("container")
def command() -> None:
    """Container specifications from a manifest."""


@command.command("write")
@click.argument("path", metavar="MANIFEST", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_OUTPUT,
    show_default=True,
    help="The folder to write into.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option(
    "--key", "keys", multiple=True, metavar="PUB", type=EXISTING_FILE, help="Accept only manifests of this key."
)
@click.option("--trust", "trust_file", metavar="FILE", type=EXISTING_FILE, help="Accept only keys in this file.")
def write(path: Path, output: Path, keys: Sequence[Path], trust_file: Path | None, *, force: bool) -> None:
    """
    Write a Dockerfile and a requirements.txt that rebuild the audited environment as far as MANIFEST knows it.

    MANIFEST is an envelope, an audit's folder, or a bare manifest.json (then the files are marked UNSIGNED). What
    cannot be promised is told on stderr and stands in the files as comments.
    """
    opened = trust.open_manifest(path, trust.trusted_keys(keys, trust_file))
    if keys or trust_file:
        trust.require_trusted(opened)
    manifest = opened.manifest()
    signed = opened.standing != "unsigned"
    files = specs.files(manifest, hashlib.sha256(opened.payload).hexdigest(), signed=signed)
    _refuse_existing(output, files, force=force)
    for name, text in files.items():
        _write(output / name, text.encode("utf-8"))
        click.echo(str(output / name))
    for note in (STANDING_WORDS.get(opened.standing, ""), *specs.notes(manifest)):
        if note:
            click.echo(visible(note), err=True)


def _refuse_existing(output: Path, names: Iterable[str], *, force: bool) -> None:
    """Both files or none: look before the first is written."""
    taken = [str(output / name) for name in names if os.path.lexists(output / name)]
    if taken and not force:
        raise UsageError(
            f"{' and '.join(taken)} would be overwritten",
            "Nothing was written. Name another folder with --output, or replace them with --force.",
        )


def _write(target: Path, data: bytes) -> None:
    """Write one file so that it is there whole or not at all. Raises OutputError."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(target)
    except OSError as problem:
        with contextlib.suppress(OSError):  # what cannot be removed either is the same trouble
            partial.unlink()
        raise OutputError(
            f"{target} cannot be written: {problem.strerror or problem}",
            "The specification is incomplete. Make room or name another folder with --output, and write it again.",
        ) from problem
