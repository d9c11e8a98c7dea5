"""What `auditor replay` prints and writes once its runs have ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ..errors import INCONCLUSIVE, OK
from ..quoting.inert import visible
from ..replay.compare_traces import described
from ..replay.model import Result
from ..replay.result import UNRECORDED
from ..replay.session import Session
from ..replay.trace.archive import open_trace, pack
from ..signing.interface import Signer

NOTHING_ATTACHED = "no run ended, so nothing was attached"
NOT_ATTACHED = "interrupted again while the folder of --attach was written, so nothing was attached"


@dataclass(frozen=True)
class Ended:
    """A replay that ended, whole or not."""

    result: Result
    notes: tuple[str, ...] = ()
    """What is told of its folder."""
    interrupted: bool = False
    """Whether we were told to stop while its folder was written."""
    resumed: bool = False
    """Whether it is the result of --resume."""


def show(ended: Ended, *, as_json: bool) -> None:
    """Print the result: for people on stderr, or as one JSON object on stdout."""
    if as_json:
        click.echo(ended.result.model_dump_json(indent=2))
    else:
        from ..render import replay, replay_resume  # noqa: PLC0415 - only where it is shown

        shown = replay_resume if ended.resumed else replay
        click.echo("\n" + shown.text(ended.result), err=True)
    for note in ended.notes:
        click.echo(f"auditor: {visible(note)}", err=True)


def attached(session: Session, output: Path, signer: Signer) -> Ended:
    """Replay, and write the signed folder, with the traces in a folder beside it."""
    from ..output import replay_folder as attach  # noqa: PLC0415 - models and templates: only where a manifest is written

    result = None
    try:
        with attach.Attachment(output, signer) as attachment:
            result = session.run()
            if not session.base:
                return Ended(result, (NOTHING_ATTACHED,))
            written = attachment.write(session, result)
    except KeyboardInterrupt:
        if result is None:  # before anything was run
            raise
        return Ended(result, (NOT_ATTACHED,), interrupted=True)
    place = f"manifest written to {written.folder}, its traces to {written.traces}"
    return Ended(result, (place, *written.notes), written.interrupted)


def record_one(session: Session, path: Path) -> int:
    """Record one run, with portable digests, into one file."""
    run = session.record()
    with open_trace(run.folder) as trace:
        told = described(run)
        pack(trace, path, run=told)
        problems = [text for _, text in trace.problems] + list(told["problems"])
        problems += [] if trace.streams else [UNRECORDED]
    click.echo(f"auditor: trace written to {path}; to compare it with another: auditor compare {path} OTHER", err=True)
    for problem in problems:
        click.echo(f"auditor: the trace is incomplete: {visible(problem)}", err=True)
    return INCONCLUSIVE if problems else OK
