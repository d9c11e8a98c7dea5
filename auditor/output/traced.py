"""What manifests of recorded runs share: their packed traces, the subjects for these, and a second redaction."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..audit import named_subjects
from ..errors import OutputError, UsageError
from ..manifest.digests import file_digest
from ..manifest.models import Digest, Manifest, Predicate, Subject
from ..manifest.subjects import statement
from ..privacy.modes import Privacy
from ..replay.compare_traces import described
from ..replay.runs.run import Run
from ..replay.trace.archive import open_trace, pack

TRACES_SUFFIX = ".traces"


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
            "Nothing was attached. Free disk space, or name another folder.",
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
