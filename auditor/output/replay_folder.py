"""
Writes a replay as a signed manifest: its verdict, the facts of the experiment's process, and the digests of its traces.

The facts come from one more run of the command with the recorder of `probe -- COMMAND`. The traces are written beside
the folder, since every file in an audit folder is generated from its manifest.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..audit.assemble import now
from ..catalogue import catalogue
from ..errors import AuditorError
from ..manifest.models import AuditorInfo, Predicate, Run
from ..real_run import run as real_run
from ..replay.model import Result
from ..replay.session import Session
from ..shipped import payload_digest
from ..signing.interface import Signer
from .replay_record import record
from .traced import TracedFolder, cleaned, packed, subjects_of

UNREAD = "the replay was interrupted before the run from which they are read"
REASON = "the experiment's own interpreter (replay --attach)"
NO_END = (
    "the command does not end in time, so its facts, which are read at exit, are missing",
    "Nothing was attached. Increase --timeout, or use a shorter experiment.",
)
NO_FACTS = (
    "No Python process of the command could be recorded, so there are no facts for the manifest",
    "Nothing was attached. `auditor probe -- COMMAND` lists what cannot be recorded.",
)


@dataclass(frozen=True)
class Attached:
    """The written folders, and notes about limitations."""

    folder: Path
    traces: Path
    notes: tuple[str, ...]
    interrupted: bool = False
    """Whether we were told to stop while the run for the facts was made."""


class Attachment(TracedFolder):
    """The folder of a replay."""

    def __init__(self, output: Path, signer: Signer) -> None:
        super().__init__(output, signer, "--attach")

    def write(self, session: Session, result: Result) -> Attached:
        """Pack the traces, run the command once more for its facts, and write everything."""
        command = session.options.command
        stopped = result.partial_why == "interrupted"
        if any(run.timed_out for run in session.base) and not stopped:
            raise AuditorError(*NO_END)
        digests = packed(session.base, self.traces)
        seen = None if stopped else self._facts(command)
        main = seen.main if seen and not seen.interrupted else None
        if main is None and seen and not seen.interrupted:
            raise AuditorError(*NO_FACTS)
        run = Run(
            started_on=self.started_on,
            finished_on=now(),
            tier="quick",
            python=main.executable if main else command[0],
            python_reason=REASON if main else UNREAD,
            privacy=self.privacy.mode,
        )
        predicate = Predicate(
            auditor=AuditorInfo(version=__version__, payload_sha256=payload_digest()),
            run=run,
            facts={**main.facts, **seen.machine} if main and seen else {},
            readings=[],
            findings=[],
            replays=[record(command, session.base, result, digests)],
        )
        subjects, notes = subjects_of(digests)
        if main is None:
            notes.append(f"the manifest holds no facts: {UNREAD}")
        elif seen and len({seen.exit_code, *result.exit_codes}) > 1:
            notes.append(f"the run that gave the facts ended with exit code {seen.exit_code}, unlike the other runs")
        folder = self.committed(cleaned(predicate, subjects, self.privacy))
        return Attached(folder, self.traces, tuple(notes), seen is not None and seen.interrupted)

    def _facts(self, command: Sequence[str]) -> real_run.RealRun:
        """One more run of the command, for the facts of its processes; what it prints was shown by the first run."""
        with Path(os.devnull).open("wb") as nowhere:
            output = nowhere.fileno()
            groups = catalogue.load(only_facts=True).groups
            return real_run.run(command, groups, self.privacy, stdout=output, stderr=output)
