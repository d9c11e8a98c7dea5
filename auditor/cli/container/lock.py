"""`auditor container lock`: a specification with the hash of every package file; uses the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...container import extra, specs
from ...errors import FINDINGS, OK, EngineError
from ...quoting.inert import visible
from ...render.progress import ProgressBar
from ..signed import accepted_keys
from . import _folder, _signed_folder

if TYPE_CHECKING:
    from ...container import locks

WHEELS = "wheels"
MEBIBYTE = 1 << 20


@click.command("lock")
@_folder.options
@click.option(
    "--index", metavar="URL", default="", help="Query this index; credentials in the URL are never written to files."
)
@click.option(
    "--wheels",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of wheels for distributions that no index has, such as your own builds.",
)
@click.option(
    "--wheelhouse", is_flag=True, help="Download every locked file into DIR/wheels, for builds without a network."
)
@click.option("-q", "--quiet", is_flag=True, help="Do not show progress.")
def command(  # noqa: PLR0917 -- click passes them by name
    path: Path,
    output: Path,
    base: str,
    snapshot: str,
    index: str,
    wheels: Path | None,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    sign_with: Path | None,
    *,
    wheelhouse: bool,
    quiet: bool,
    force: bool,
) -> int:
    """
    Write the files of `write` with the sha256 of every package file, queried from the index over the network.

    The queried index is printed first: --index, else the index that the audited pip used, else the public one; builds
    such as +cu130 are queried from their publisher's index. If every distribution of MANIFEST has a hash,
    requirements.lock is written (exit code 0); otherwise requirements.txt without hashes, and an UNHASHED line gives
    the reason for each distribution without one (exit code 1). The digest of the base image is queried from its
    registry through a container engine, if one runs.
    """
    extra.require("`auditor container lock`")
    chosen = _folder.choices(base, snapshot)
    target = _signed_folder.target(
        output, sign_with, lambda: accepted_keys(keys, trust_file, allowed_signers), wheelhouse=wheelhouse
    )
    source = _folder.open_source(path, keys, trust_file, allowed_signers)
    _refuse_existing(source, output, chosen, force=force)
    locked = _lock(source, index, wheels, quiet=quiet)
    if wheelhouse:
        _fill(locked, output / WHEELS, quiet=quiet)
    notes = list(locked.notes)
    if not chosen.base:
        chosen = replace(chosen, base=_digest(source, notes))
    chosen = replace(chosen, lock=locked.text)
    _folder.write_files(source, target, chosen, notes, force=force)
    return _summary(locked)


def _refuse_existing(source: _folder.SourceManifest, output: Path, chosen: specs.Choices, *, force: bool) -> None:
    """Raise UsageError for existing files, before the index is queried; either requirements file may be written."""
    names = specs.files(source.manifest, source.payload_sha256, choices=chosen)
    _folder.refuse_existing(output, sorted({*names, *specs.REQUIREMENTS}), force=force)


def _lock(source: _folder.SourceManifest, index: str, wheels: Path | None, *, quiet: bool) -> locks.Locked:
    """Print the indexes, query them, and show progress."""
    from ...container import locks  # noqa: PLC0415 -- the index's client is for this command alone
    from ...container.specs.indexes import publisher  # noqa: PLC0415 -- the same

    planned = locks.plan(source.manifest, index, publisher, wheels)
    for line in (planned.announcement(), *planned.remarks):
        click.echo(visible(line), err=True)
    with ProgressBar(quiet=quiet) as progress:
        progress.step("querying the index")
        return locks.lock(planned, source.payload_sha256, lambda done, total: progress.total(total, done))


def _fill(locked: locks.Locked, folder: Path, *, quiet: bool) -> None:
    """Download the files beside the specification, if the lock is complete."""
    from ...container.locks import wheelhouse  # noqa: PLC0415 -- as above

    if not locked.text:
        click.echo("No wheelhouse was made: the lock is incomplete, so a build without a network would fail.", err=True)
        return
    with ProgressBar(quiet=quiet) as progress:
        size_bytes = wheelhouse.fill(locked, folder, lambda name: progress.step(f"downloading {name}"))
    count = sum(len(files) for files in locked.files.values())
    click.echo(f"Wheelhouse: {count} files, each sha256 checked; {size_bytes / MEBIBYTE:.1f} MiB downloaded.", err=True)


def _digest(source: _folder.SourceManifest, notes: list[str]) -> str:
    """The base image by digest, from its registry through an engine; empty, with a note, if there is no answer."""
    from ...container.engine.client import connect, digest_of  # noqa: PLC0415 -- the engine's client takes a third of a second

    image = specs.base_of(source.manifest)
    click.echo(visible(f"Querying the registry of {image} for its digest, through the container engine."), err=True)
    try:
        client = connect()
        try:
            found = digest_of(client, image, tell=lambda why: notes.append(f"UNPINNED: {image}: {why}"))
        finally:
            client.close()
    except EngineError as problem:
        notes.append(f"UNPINNED: the digest of {image} could not be queried: {problem.message}.")
        return ""
    return found or ""


def _summary(locked: locks.Locked) -> int:
    missing = sum(note.startswith("UNHASHED") for note in locked.notes)
    if locked.text:
        count = sum(len(files) for files in locked.files.values())
        click.echo(f"Locked: {len(locked.files)} distributions, {count} files; {locked.requests} requests.", err=True)
        return OK
    click.echo(
        f"Not locked: {len(locked.files)} distributions have a hash, {missing} have none (UNHASHED above). pip checks "
        "all hashes or none, so requirements.txt has none. Use --wheels for distributions that no index has.",
        err=True,
    )
    return FINDINGS
