"""From a finished audit to its manifest: one redaction over everything, then the models, then the subjects."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from . import __version__
from .audit import Audit
from .catalogue import Tier
from .discovery import Audited
from .manifest import AuditorInfo, Manifest, Predicate, Run, Subject
from .redact import redact
from .shipped import payload_digest
from .subjects import statement


def now() -> str:
    """The time, UTC, RFC 3339 to the second."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def manifest(audit: Audit, audited: Audited, *, tier: Tier, started_on: str, about: Sequence[Subject] = ()) -> Manifest:
    """
    The manifest of an audit that has run.

    Facts and readings passed the redaction of secrets when they arrived; what is added here passes it too.
    """
    setup = audit.options.setup
    run = Run(
        started_on=started_on,
        finished_on=now(),
        tier=tier,
        python=audited.path,
        python_reason=audited.reason,
        setup_sha256=hashlib.sha256(Path(setup).read_bytes()).hexdigest() if setup else "",
    )
    predicate = Predicate(
        auditor=AuditorInfo(version=__version__, payload_sha256=payload_digest()),
        run=Run.model_validate(redact(run.model_dump(mode="json", by_alias=True), os.environ)),
        facts=audit.facts,
        readings=sorted(audit.readings, key=lambda reading: (reading.check, reading.process, reading.repeat)),
        findings=audit.findings,
    )
    return statement(predicate, about)
