"""
Writes a judged claim as a signed manifest: the number, the runs' values, the facts of the first run, and the traces.

The traces are written beside the folder, as those of a replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..audit.assemble import now
from ..manifest.models import AuditorInfo, Claim, Predicate, Run
from ..replay.runs.exit_facts import process_of
from ..replay.runs.run import Run as Experiment
from ..shipped import payload_digest
from ..signing.interface import Signer
from .claim_record import with_traces
from .traced import TracedFolder, cleaned, packed, subjects_of

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


class ClaimFolder(TracedFolder):
    """The folder of a claim."""

    def __init__(self, output: Path, signer: Signer, *, tracked: bool = False) -> None:
        super().__init__(output, signer, "--output", tracked=tracked)

    def write(self, claim: Claim, runs: Sequence[Experiment]) -> Written:
        """Pack the runs' traces and write the folder. The first run must have been made with its facts."""
        digests = packed(runs, self.traces)
        main, facts = process_of(runs[0])
        predicate = Predicate(
            auditor=AuditorInfo(version=__version__, payload_sha256=payload_digest()),
            run=Run(
                started_on=self.started_on,
                finished_on=now(),
                tier="quick",
                python=main.executable if main else claim.command[0],
                python_reason=REASON if main else NO_FACTS,
                privacy=self.privacy.mode,
            ),
            facts={**facts},
            readings=[],
            findings=[],
            claims=[with_traces(claim, digests)],
        )
        subjects, notes = subjects_of(digests)
        notes += [] if main else [NO_FACTS]
        manifest = cleaned(predicate, subjects, self.privacy)
        notes += [] if manifest.predicate.claims[0].metric == claim.metric else [REDACTED]
        return Written(self.committed(manifest), self.traces, tuple(notes))
