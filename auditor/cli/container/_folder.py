"""Shared by `write` and `lock`: open a verified manifest, write the files of a specification."""

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
from ...signing import files
from ..signed import EXISTING_FILE, open_accepted, signed_by, trust_options
from ._signed_folder import Target

DEFAULT_OUTPUT = Path("container")
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class SourceManifest:
    """An opened manifest, verified as the options say."""

    manifest: Manifest
    payload_sha256: str
    standing: str
    """`trust.Opened.standing`: whether it is signed, and by a trusted key."""

    @property
    def signed(self) -> bool:
        """Whether it has a signature that verifies."""
        return self.standing != "unsigned"


def options(command: Command) -> Command:
    """The arguments of both: MANIFEST, --output, --base, --snapshot, --force, --sign-with and those of trust."""
    for decorate in (
        trust_options,
        click.option(
            "--sign-with",
            metavar="KEY",
            type=EXISTING_FILE,
            help="Write into a signed audit folder, and sign its list of files anew with this private key.",
        ),
        click.option("--force", is_flag=True, help="Overwrite existing files."),
        click.option(
            "--snapshot",
            metavar="TIME",
            default="",
            help="Install Debian packages from the snapshot archive of this time (20261101T000000Z).",
        ),
        click.option(
            "--base",
            metavar="NAME@sha256:DIGEST",
            default="",
            help="The base image, by digest. Default: a tag, marked UNPINNED.",
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
    """The user's choices, validated. Raises UsageError."""
    made = specs.Choices(base=base, lock=lock, snapshot=snapshot)
    try:
        made.check()
    except ValueError as problem:
        raise UsageError(str(problem), "Nothing was written.") from None
    return made


def open_source(
    path: Path, keys: Sequence[Path], trust_file: Path | None, allowed_signers: Path | None = None
) -> SourceManifest:
    """Open a manifest, and say who signed it; with keys or a trust file, accept only one that a trusted key signed."""
    opened = open_accepted(path, keys, trust_file, allowed_signers)
    click.echo(f"The manifest is {signed_by(opened)}.", err=True)
    return SourceManifest(opened.manifest(), hashlib.sha256(opened.payload).hexdigest(), opened.standing)


def write_files(
    source: SourceManifest, target: Target, chosen: specs.Choices, notes: Iterable[str] = (), *, force: bool
) -> dict[str, str]:
    """
    Write a specification's files and print the notes on what it does not guarantee; returns the files.

    `notes` are printed after those of the specification. Raises UsageError for an existing file without `force`.
    """
    output = target.output
    texts = specs.files(source.manifest, source.payload_sha256, signed=source.signed, choices=chosen)
    texts = {target.name(name): text for name, text in texts.items()}
    refuse_existing(output, sorted({*texts, *specs.REQUIREMENTS}), force=force)
    for name in texts:
        _refuse_link(output, name)
    if target.signer is not None:
        others = tuple(output / name for name in specs.REQUIREMENTS if name not in texts)
        target.write({output / name: text.encode("utf-8") for name, text in texts.items()}, others)
    else:
        for name, text in texts.items():
            write_file(output / name, text.encode("utf-8"))
        remove_other_requirements(output, texts)
    for name in texts:
        click.echo(str(output / name))
    for note in (*specs.notes(source.manifest, chosen), *notes):
        click.echo(visible(note), err=True)
    return texts


def refuse_existing(output: Path, names: Iterable[str], *, force: bool) -> None:
    """Raise UsageError if any file exists, before the first is written."""
    taken = [str(output / name) for name in names if os.path.lexists(output / name)]
    if taken and not force:
        raise UsageError(
            f"{' and '.join(taken)} already exist{'s' if len(taken) == 1 else ''}",
            "Nothing was written. Name another folder with --output, or overwrite them with --force.",
        )


def remove_other_requirements(output: Path, names: Iterable[str]) -> None:
    """Remove the requirements file that this specification does not use, left by an earlier one."""
    for name in specs.REQUIREMENTS:
        if name not in names and os.path.lexists(output / name):
            try:
                (output / name).unlink()
            except OSError as problem:
                raise OutputError(
                    f"{output / name} cannot be removed: {problem.strerror or problem}",
                    "It does not belong to the new specification in this folder. Remove it by hand.",
                ) from problem


def _refuse_link(output: Path, name: str) -> None:
    """Raise OutputError for a folder inside the output that is a link, since it would redirect the write."""
    folder = output / Path(name).parent
    if folder != output and folder.is_symlink():
        raise OutputError(
            f"{folder} is a symbolic link, and files are not written through links",
            "The specification is incomplete. Remove the link, or name another folder with --output.",
        )


def write_file(target: Path, data: bytes) -> None:
    """Write one file atomically. Raises OutputError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            files.replace(target, data)
        else:
            files.create(target, data, files.PUBLIC)
    except OSError as problem:
        raise OutputError(
            f"{target} cannot be written: {problem.strerror or problem}",
            "The specification is incomplete. Free disk space or name another folder with --output, and run it again.",
        ) from problem
