"""
Writes a judged claim as a signed manifest: the number, the runs' values, the facts of the first run, and the traces.

The traces are written beside the folder, as those of a replay.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .. import __version__
from ..audit.assemble import now
from ..errors import UsageError
from ..manifest.models import AuditorInfo, Claim, Predicate, Run
from ..privacy.modes import Privacy
from ..replay.runs.exit_facts import process_of
from ..replay.runs.run import Run as Experiment
from ..shipped import payload_digest
from ..signing.interface import Signer
from .atomic_folder import Staging
from .audit_folder import write_audit
from .claim_record import with_traces
from .traced import cleaned, packed, subjects_of, traces_of

REASON = "the experiment's own interpreter (claim)"
REDACTED = (
    "the expression of the metric holds a name or a secret, which the manifest does not hold: --again will not find the"
    " metric"
)
NO_FACTS = "the manifest holds no facts: no Python process of the first run could be recorded"


@dataclass(frozen=True)
class Written:
    """The written folders, and notes about limitations."""

    folder: Path
    traces: Path
    notes: tuple[str, ...]


class ClaimFolder:
    """
    The folder of a claim: a context manager around its runs, so that errors occur before anything is run.

    Raises UsageError for an output that is not empty, OutputError for one that cannot be written.
    """

    def __init__(self, output: Path, signer: Signer, *, tracked: bool = False) -> None:
        self._staging, self._signer = Staging(output, tracked=tracked), signer
        self._traces = traces_of(self._staging.output)
        self._stack = ExitStack()
        self._started_on = now()
        self._committed = False

    def __enter__(self) -> ClaimFolder:  # noqa: D105, PYI034 - `Self` is of Python 3.11, and nothing inherits
        if self._traces.exists():
            raise UsageError(f"{self._traces} already exists", "Nothing was run. Name another folder with --output.")
        self._stack.enter_context(self._staging)
        return self

    def __exit__(  # noqa: D105 - removes what was not committed
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._committed:
            shutil.rmtree(self._traces, ignore_errors=True)
        self._stack.__exit__(kind, problem, trace)

    def write(self, claim: Claim, runs: Sequence[Experiment]) -> Written:
        """Pack the runs' traces and write the folder. The first run must have been made with its facts."""
        digests = packed(runs, self._traces)
        main, facts = process_of(runs[0])
        privacy = Privacy()
        predicate = Predicate(
            auditor=AuditorInfo(version=__version__, payload_sha256=payload_digest()),
            run=Run(
                started_on=self._started_on,
                finished_on=now(),
                tier="quick",
                python=main.executable if main else claim.command[0],
                python_reason=REASON if main else NO_FACTS,
                privacy=privacy.mode,
            ),
            facts={**facts},
            readings=[],
            findings=[],
            claims=[with_traces(claim, digests)],
        )
        subjects, notes = subjects_of(digests)
        notes += [] if main else [NO_FACTS]
        manifest = cleaned(predicate, subjects, privacy)
        notes += [] if manifest.predicate.claims[0].metric == claim.metric else [REDACTED]
        write_audit(self._staging, manifest, self._signer)
        folder = self._staging.commit()
        self._committed = True
        return Written(folder, self._traces, tuple(notes))
