"""`auditor container lock`: a specification with the hash of every file; the only command that uses a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...container import extra, specs
from ...errors import FINDINGS, OK, EngineError
from ...quoting.inert import visible
from ...render.progress import Progress
from . import _folder

if TYPE_CHECKING:
    from ...container import locks

WHEELS = "wheels"
MEBIBYTE = 1 << 20


@click.command("lock")
@_folder.options
@click.option("--index", metavar="URL", default="", help="Ask this index; credentials in it are never written.")
@click.option(
    "--wheels",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Wheels of yours, for what no index has: builds of your own, or a disk without a network.",
)
@click.option("--wheelhouse", is_flag=True, help="Download every locked file into DIR/wheels: builds need no network.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(  # noqa: PLR0917 -- click passes them by name
    path: Path,
    output: Path,
    base: str,
    snapshot: str,
    index: str,
    wheels: Path | None,
    keys: Sequence[Path],
    trust_file: Path | None,
    *,
    wheelhouse: bool,
    quiet: bool,
    force: bool,
) -> int:
    """
    Write what `write` writes, with the sha256 of every file: asked of the index, over the network.

    Whom it asks is said before it asks: --index, else the index that the audited pip was configured with, else the
    public one; a build such as +cu130 is asked of its publisher's. If every distribution of MANIFEST has a hash,
    requirements.lock is written (exit 0); else requirements.txt without any, and an UNHASHED line names each that has
    none, and why (exit 1). The base image's digest is asked of its registry through a container engine, if one runs.
    """
    extra.require("`auditor container lock`")
    chosen = _folder.choices(base, snapshot)
    source = _folder.open_source(path, keys, trust_file)
    _refuse_existing(source, output, chosen, force=force)
    locked = _lock(source, index, wheels, quiet=quiet)
    if wheelhouse:
        _fill(locked, output / WHEELS, quiet=quiet)
    notes = list(locked.notes)
    if not chosen.base:
        chosen = replace(chosen, base=_digest(source, notes))
    chosen = replace(chosen, lock=locked.text)
    _folder.write_files(source, output, chosen, notes, force=force)
    return _summary(locked)


def _refuse_existing(source: _folder.Source, output: Path, chosen: specs.Choices, *, force: bool) -> None:
    """Look before anybody is asked; which of the two requirements files it will be is not known yet."""
    names = specs.files(source.manifest, source.payload_sha256, choices=chosen)
    _folder.refuse_existing(output, sorted({*names, *specs.REQUIREMENTS}), force=force)


def _lock(source: _folder.Source, index: str, wheels: Path | None, *, quiet: bool) -> locks.Locked:
    """Say who is asked, ask, and show how far it is."""
    from ...container import locks  # noqa: PLC0415 -- the index's client is for this command alone
    from ...container.specs.indexes import publisher  # noqa: PLC0415 -- the same

    planned = locks.plan(source.manifest, index, publisher, wheels)
    for line in (planned.announcement(), *planned.remarks):
        click.echo(visible(line), err=True)
    with Progress(quiet=quiet) as progress:
        progress.step("asking the index")
        return locks.lock(planned, source.payload_sha256, lambda done, total: progress.total(total, done))


def _fill(locked: locks.Locked, folder: Path, *, quiet: bool) -> None:
    """The files beside the specification, if the lock is complete: a part of them builds nothing."""
    from ...container.locks import wheelhouse  # noqa: PLC0415 -- as above

    if not locked.text:
        click.echo("No wheelhouse: the lock is not complete, so no build without a network could be, either.", err=True)
        return
    with Progress(quiet=quiet) as progress:
        size_bytes = wheelhouse.fill(locked, folder, lambda name: progress.step(f"bringing {name}"))
    count = sum(len(files) for files in locked.files.values())
    click.echo(f"Wheelhouse: {count} files, each sha256 checked; {size_bytes / MEBIBYTE:.1f} MiB brought.", err=True)


def _digest(source: _folder.Source, notes: list[str]) -> str:
    """The base image by digest, as its registry answers through an engine; empty, with the reason, when none does."""
    from ...container.engine.client import connect, digest_of  # noqa: PLC0415 -- the engine's client takes a third of a second

    image = specs.base_of(source.manifest)
    click.echo(visible(f"It asks the registry of {image} for its digest, through the container engine."), err=True)
    try:
        client = connect()
        try:
            found = digest_of(client, image, tell=lambda why: notes.append(f"UNPINNED: {image}: {why}"))
        finally:
            client.close()
    except EngineError as problem:
        notes.append(f"UNPINNED: the digest of {image} was not asked: {problem.message}.")
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
        "all or none, so requirements.txt has none. What no index has can come from a folder of yours: --wheels.",
        err=True,
    )
    return FINDINGS
