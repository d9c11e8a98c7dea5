"""
Writes a replay as a signed manifest: its verdict, the facts of the experiment's process, and the digests of its traces.

The facts come from one more run of the command with the recorder of `probe -- COMMAND`. The traces are written beside
the folder, since every file in an audit folder is generated from its manifest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .. import __version__
from ..audit import named_subjects
from ..audit.assemble import now
from ..catalogue import catalogue
from ..errors import AuditorError, OutputError, UsageError
from ..manifest.digests import file_digest
from ..manifest.models import AuditorInfo, Digest, Manifest, Predicate, Run, Subject
from ..manifest.subjects import statement
from ..privacy.modes import Privacy
from ..real_run import run as real_run
from ..replay.compare_traces import described
from ..replay.model import Result
from ..replay.runs.run import Run as Experiment
from ..replay.session import Session
from ..replay.trace.archive import open_trace, pack
from ..shipped import payload_digest
from ..signing.interface import Signer
from .atomic_folder import Staging
from .audit_folder import write_audit
from .replay_record import record

TRACES_SUFFIX = ".traces"
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
        self._traces = self._staging.output.with_name(self._staging.output.name + TRACES_SUFFIX)
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
        digests = self._pack(session.base)
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
        subjects, notes = _subjects(digests)
        if main is None:
            notes.append(f"the manifest holds no facts: {UNREAD}")
        elif seen and len({seen.exit_code, *result.exit_codes}) > 1:
            notes.append(f"the run that gave the facts ended with exit code {seen.exit_code}, unlike the other runs")
        write_audit(self._staging, _manifest(predicate, subjects, self._privacy), self._signer)
        folder = self._staging.commit()
        self._committed = True
        return Attached(folder, self._traces, tuple(notes), seen is not None and seen.interrupted)

    def _facts(self, command: Sequence[str]) -> real_run.RealRun:
        """One more run of the command, for the facts of its processes; what it prints was shown by the first run."""
        with Path(os.devnull).open("wb") as nowhere:
            output = nowhere.fileno()
            groups = catalogue.load(only_facts=True).groups
            return real_run.run(command, groups, self._privacy, stdout=output, stderr=output)

    def _pack(self, runs: Sequence[Experiment]) -> dict[str, str]:
        """Write the traces beside the folder; name to digest. Equal traces are kept once."""
        digests: dict[str, str] = {}
        try:
            self._traces.mkdir()
            for number, run in enumerate(runs, start=1):
                path = self._traces / f"run-{number}.trace"
                with open_trace(run.folder) as trace:
                    pack(trace, path, run=described(run))
                digest = file_digest(path)
                if digest in digests.values():
                    path.unlink()
                else:
                    digests[path.name] = digest
        except OSError as problem:
            raise OutputError(
                f"the traces cannot be written to {self._traces}: {problem.strerror or problem}",
                "Nothing was attached. Free disk space, or name another folder with --attach.",
            ) from problem
        return digests


def _manifest(predicate: Predicate, subjects: Sequence[Subject], privacy: Privacy) -> Manifest:
    """The manifest, after a second redaction of secrets and identifying values."""
    clean = Predicate.model_validate(privacy.written(predicate.model_dump(mode="json", by_alias=True)))
    return statement(clean, subjects)


def _subjects(digests: dict[str, str]) -> tuple[list[Subject], list[str]]:
    """The traces and the working folder's commit as subjects, and notes."""
    found = [Subject(name=f"trace:{name}", digest=Digest(sha256=digest)) for name, digest in digests.items()]
    with contextlib.suppress(UsageError):
        return [*named_subjects.subjects(["git:HEAD"]), *found], []
    return found, ["the working folder is not a git checkout, so the manifest names no commit"]
