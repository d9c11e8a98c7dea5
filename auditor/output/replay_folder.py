"""
Writes a replay as a signed manifest: its verdict, the facts of the experiment's process, and the digests of its traces.

The facts come from one more run of the command with the recorder of `probe -- COMMAND`. The traces are written beside
the folder, since every file in an audit folder is generated from its manifest.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .. import __version__
from ..audit.assemble import now
from ..catalogue import catalogue
from ..errors import AuditorError, UsageError
from ..manifest.models import AuditorInfo, Predicate, Run
from ..privacy.modes import Privacy
from ..real_run import run as real_run
from ..replay.model import Result
from ..replay.session import Session
from ..shipped import payload_digest
from ..signing.interface import Signer
from .atomic_folder import Staging
from .audit_folder import write_audit
from .replay_record import record
from .traced import cleaned, packed, subjects_of, traces_of

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


class Attachment:
    """
    The folder of a replay: a context manager around the whole replay, so that errors occur before anything is run.

    Raises UsageError for an output that is not empty, OutputError for one that cannot be written.
    """

    def __init__(self, output: Path, signer: Signer) -> None:
        self._staging, self._signer = Staging(output), signer
        self._traces = traces_of(self._staging.output)
        self._stack = ExitStack()
        self._started_on = now()
        self._privacy = Privacy()
        self._committed = False

    def __enter__(self) -> Attachment:  # noqa: D105, PYI034 - `Self` is of Python 3.11, and nothing inherits
        if self._traces.exists():
            raise UsageError(f"{self._traces} already exists", "Nothing was run. Name another folder with --attach.")
        self._stack.enter_context(self._staging)
        return self

    def __exit__(  # noqa: D105 - removes what was not committed
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._committed:
            shutil.rmtree(self._traces, ignore_errors=True)
        self._stack.__exit__(kind, problem, trace)

    def write(self, session: Session, result: Result) -> Attached:
        """Pack the traces, run the command once more for its facts, and write everything."""
        command = session.options.command
        stopped = result.partial_why == "interrupted"
        if any(run.timed_out for run in session.base) and not stopped:
            raise AuditorError(*NO_END)
        digests = packed(session.base, self._traces)
        seen = None if stopped else self._facts(command)
        main = seen.main if seen and not seen.interrupted else None
        if main is None and seen and not seen.interrupted:
            raise AuditorError(*NO_FACTS)
        run = Run(
            started_on=self._started_on,
            finished_on=now(),
            tier="quick",
            python=main.executable if main else command[0],
            python_reason=REASON if main else UNREAD,
            privacy=self._privacy.mode,
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
        write_audit(self._staging, cleaned(predicate, subjects, self._privacy), self._signer)
        folder = self._staging.commit()
        self._committed = True
        return Attached(folder, self._traces, tuple(notes), seen is not None and seen.interrupted)

    def _facts(self, command: Sequence[str]) -> real_run.RealRun:
        """One more run of the command, for the facts of its processes; what it prints was shown by the first run."""
        with Path(os.devnull).open("wb") as nowhere:
            output = nowhere.fileno()
            groups = catalogue.load(only_facts=True).groups
            return real_run.run(command, groups, self._privacy, stdout=output, stderr=output)
