"""What `write` and `lock` share: a verified manifest in, the files of a specification out, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ...container import specs
from ...errors import OutputError, UsageError
from ...manifest.models import Manifest
from ...quoting.inert import visible
from ...signing import files, trust

DEFAULT_OUTPUT = Path("container")
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STANDING_WORDS = {
    "unsigned": "The manifest is UNSIGNED: nobody vouches for it, and the files say so.",
    "intact": "The manifest is intact under the key that lies beside it, but anyone could have made both (see --key).",
}
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class SourceManifest:
    """A manifest that was opened and verified as far as was asked for."""

    manifest: Manifest
    payload_sha256: str
    standing: str
    """`trust.Opened.standing`: what its signature is worth here."""

    @property
    def signed(self) -> bool:
        """Whether an envelope's signature holds it together."""
        return self.standing != "unsigned"


def options(command: Command) -> Command:
    """MANIFEST, --output, --base, --snapshot, --force, --key and --trust, as `write` and `lock` take them."""
    for decorate in (
        click.option("--trust", "trust_file", metavar="FILE", type=EXISTING_FILE, help="Accept only keys in FILE."),
        click.option(
            "--key", "keys", multiple=True, metavar="PUB", type=EXISTING_FILE, help="Accept only manifests of this key."
        ),
        click.option("--force", is_flag=True, help="Replace files that are there."),
        click.option(
            "--snapshot",
            metavar="TIME",
            default="",
            help="Take Debian packages from the snapshot archive of this time (20261101T000000Z).",
        ),
        click.option(
            "--base",
            metavar="NAME@sha256:DIGEST",
            default="",
            help="The base image, by digest. Without it: a tag, marked UNPINNED.",
        ),
        click.option(
            "-o",
            "--output",
            metavar="DIR",
            type=click.Path(file_okay=False, path_type=Path),
            default=DEFAULT_OUTPUT,
            show_default=True,
            help="The folder to write into.",
        ),
        click.argument("path", metavar="MANIFEST", type=click.Path(exists=True, path_type=Path)),
    ):
        command = decorate(command)
    return command


def choices(base: str, snapshot: str, lock: str = "") -> specs.Choices:
    """What the user decided, checked. Raises UsageError."""
    made = specs.Choices(base=base, lock=lock, snapshot=snapshot)
    try:
        made.check()
    except ValueError as problem:
        raise UsageError(str(problem), "Nothing was written.") from None
    return made


def open_source(path: Path, keys: Sequence[Path], trust_file: Path | None) -> SourceManifest:
    """Open a manifest; with keys or a trust file, only one that they vouch for."""
    opened = trust.open_manifest(path, trust.trusted_keys(keys, trust_file))
    if keys or trust_file:
        trust.require_trusted(opened)
    return SourceManifest(opened.manifest(), hashlib.sha256(opened.payload).hexdigest(), opened.standing)


def write_files(
    source: SourceManifest, output: Path, chosen: specs.Choices, notes: Iterable[str] = (), *, force: bool
) -> dict[str, str]:
    """
    Write a specification's folder and say what it cannot promise; returns the files.

    `notes` are told after those of the specification. Raises UsageError when a file is there and not `force`.
    """
    texts = specs.files(source.manifest, source.payload_sha256, signed=source.signed, choices=chosen)
    refuse_existing(output, sorted({*texts, *specs.REQUIREMENTS}), force=force)
    for name, text in texts.items():
        _refuse_link(output, name)
        write_file(output / name, text.encode("utf-8"))
        click.echo(str(output / name))
    remove_other_requirements(output, texts)
    for note in (STANDING_WORDS.get(source.standing, ""), *specs.notes(source.manifest, chosen), *notes):
        if note:
            click.echo(visible(note), err=True)
    return texts


def refuse_existing(output: Path, names: Iterable[str], *, force: bool) -> None:
    """All files or none: look before the first is written."""
    taken = [str(output / name) for name in names if os.path.lexists(output / name)]
    if taken and not force:
        raise UsageError(
            f"{' and '.join(taken)} would be overwritten",
            "Nothing was written. Name another folder with --output, or replace them with --force.",
        )


def remove_other_requirements(output: Path, names: Iterable[str]) -> None:
    """Of the two requirements files one belongs to a specification: an older other one would mislead."""
    for name in specs.REQUIREMENTS:
        if name not in names and os.path.lexists(output / name):
            try:
                (output / name).unlink()
            except OSError as problem:
                raise OutputError(
                    f"{output / name} cannot be removed: {problem.strerror or problem}",
                    "It does not belong to the specification that was written beside it. Remove it by hand.",
                ) from problem


def _refuse_link(output: Path, name: str) -> None:
    """A folder inside the output that is a link would lead a write elsewhere."""
    folder = output / Path(name).parent
    if folder != output and folder.is_symlink():
        raise OutputError(
            f"{folder} is a link, and a specification is not written through links",
            "The specification is incomplete. Remove the link, or name another folder with --output.",
        )


def write_file(target: Path, data: bytes) -> None:
    """Write one file so that it is there whole or not at all. Raises OutputError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            files.replace(target, data)
        else:
            files.create(target, data, files.PUBLIC)
    except OSError as problem:
        raise OutputError(
            f"{target} cannot be written: {problem.strerror or problem}",
            "The specification is incomplete. Make room or name another folder with --output, and write it again.",
        ) from problem
