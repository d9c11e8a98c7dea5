"""Builds the manifest of a finished audit, after a second redaction of secrets and identifying values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from .. import __version__
from ..catalogue.catalogue import Tier
from ..interpreter.discovery import Audited
from ..manifest.models import Asked, AuditorInfo, Experiment, Fact, Manifest, Predicate, Run, Subject
from ..manifest.operator_tables import compacted
from ..manifest.subjects import statement
from ..privacy.modes import Privacy, blind_subject
from ..shipped import payload_digest
from .defaults import of_setup
from .run import Audit


def now() -> str:
    """The current UTC time in RFC 3339, to the second."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def manifest(
    audit: Audit,
    audited: Audited,
    *,
    tier: Tier,
    started_on: str,
    about: Sequence[Subject] = (),
    asked: Asked | None = None,
    experiment: Experiment | None = None,
    defaults: Mapping[str, Fact] | None = None,
) -> Manifest:
    """
    The manifest of an audit that has run, written in the audit's mode of privacy; `asked` is what it was asked to do.

    `experiment` is the program that the audit is about, and `defaults` the facts that it changed, as they are without
    it.

    Facts and readings were redacted when they arrived. What was added since (the run, the messages of findings) is
    redacted here with everything else; redacting twice changes nothing.
    """
    setup, privacy = audit.options.setup, audit.privacy
    own = Path(audit.options.checks_from) if audit.options.checks_from else None
    run = Run(
        started_on=started_on,
        finished_on=now(),
        tier=tier,
        python=audited.path,
        python_reason=audited.reason,
        setup_sha256=hashlib.sha256(Path(setup).read_bytes()).hexdigest() if setup else "",
        privacy=privacy.mode,
        asked=asked,
    )
    predicate = Predicate(
        auditor=AuditorInfo(
            version=__version__,
            payload_sha256=payload_digest(),
            own_checks_sha256=payload_digest(own) if own else "",
        ),
        run=run,
        facts=audit.facts,
        defaults={**(of_setup(audit) if defaults is None else defaults)},
        readings=compacted(sorted(audit.readings, key=lambda one: (one.check, one.process, one.repeat))),
        findings=audit.findings,
        experiment=experiment,
    )
    clean = Predicate.model_validate(privacy.written(predicate.model_dump(mode="json", by_alias=True)))
    return statement(clean, [_subject(subject, number, privacy) for number, subject in enumerate(about, start=1)])


def _subject(subject: Subject, number: int, privacy: Privacy) -> Subject:
    """The subject as this mode writes it; `anonymous` keeps only kind and digest, since file names can name authors."""
    if privacy.mode == "anonymous":
        return subject.model_copy(update={"name": blind_subject(subject.name, number)})
    return subject.model_copy(update={"name": privacy.text(subject.name)})
