"""What manifests of recorded runs share: their folder with traces beside it, subjects, and a second redaction."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from ..audit import named_subjects
from ..audit.assemble import now
from ..errors import OutputError, UsageError
from ..manifest.digests import file_digest
from ..manifest.models import Digest, Manifest, Predicate, Subject
from ..manifest.subjects import statement
from ..privacy.modes import Privacy
from ..replay.compare_traces import described
from ..replay.runs.run import Run
from ..replay.trace.archive import open_trace, pack
from ..signing.interface import Signer
from .atomic_folder import Staging
from .audit_folder import write_audit

TRACES_SUFFIX = ".traces"
Folder = TypeVar("Folder", bound="TracedFolder")


class TracedFolder:
    """
    A folder to be written: a context manager around the runs, so that errors occur before anything is run.

    Raises UsageError for an output that is not empty, OutputError for one that cannot be written. Without `committed`
    neither it nor traces remain.
    """

    def __init__(self, output: Path, signer: Signer, option: str, *, tracked: bool = False) -> None:
        self._staging, self._signer, self._option = Staging(output, tracked=tracked), signer, option
        self.traces = traces_of(self._staging.output)
        self.started_on = now()
        self.privacy = Privacy()
        self._stack = ExitStack()
        self._committed = False

    def __enter__(self: Folder) -> Folder:  # noqa: D105, PYI019 - `Self` is of Python 3.11
        if self.traces.exists():
            raise UsageError(
                f"{self.traces} already exists", f"Nothing was run. Name another folder with {self._option}."
            )
        self._stack.enter_context(self._staging)
        return self

    def __exit__(  # noqa: D105 - removes what was not committed
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._committed:
            shutil.rmtree(self.traces, ignore_errors=True)
        self._stack.__exit__(kind, problem, trace)

    def committed(self, manifest: Manifest) -> Path:
        """Write and sign the folder beside its traces; its path."""
        write_audit(self._staging, manifest, self._signer)
        folder = self._staging.commit()
        self._committed = True
        return folder


def traces_of(output: Path) -> Path:
    """The folder of the traces: beside that of the manifest, in which every file is made from the manifest."""
    return output.with_name(output.name + TRACES_SUFFIX)


def packed(runs: Sequence[Run], traces: Path) -> dict[str, str]:
    """Write the runs' traces into a new folder; name to digest. Equal traces are kept once. Raises OutputError."""
    digests: dict[str, str] = {}
    try:
        traces.mkdir()
        for number, run in enumerate(runs, start=1):
            path = traces / f"run-{number}.trace"
            with open_trace(run.folder) as trace:
                pack(trace, path, run=described(run))
            digest = file_digest(path)
            if digest in digests.values():
                path.unlink()
            else:
                digests[path.name] = digest
    except OSError as problem:
        raise OutputError(
            f"the traces cannot be written to {traces}: {problem.strerror or problem}",
            "Nothing was written. Free disk space, or name another folder.",
        ) from problem
    return digests


def cleaned(predicate: Predicate, subjects: Sequence[Subject], privacy: Privacy) -> Manifest:
    """The manifest, after a second redaction of secrets and identifying values."""
    clean = Predicate.model_validate(privacy.written(predicate.model_dump(mode="json", by_alias=True)))
    return statement(clean, subjects)


def subjects_of(digests: Mapping[str, str]) -> tuple[list[Subject], list[str]]:
    """The traces and the working folder's commit as subjects, and notes."""
    found = [Subject(name=f"trace:{name}", digest=Digest(sha256=digest)) for name, digest in digests.items()]
    with contextlib.suppress(UsageError):
        return [*named_subjects.subjects(["git:HEAD"]), *found], []
    return found, ["the working folder has no commit of git, so the manifest names none"]
