"""`auditor probe` of an environment, in a module of its own, which is loaded while the audited Python starts."""

from __future__ import annotations

import json

import click

from ..audit.run import Audit, Options
from ..catalogue import catalogue
from ..frameworks import FRAMEWORKS
from ..interpreter.discovery import Audited
from ..privacy.modes import Privacy
from .options import writing_for
from .watch import watch


def probe_environment(
    audited: Audited,
    *,
    identify: bool,
    frameworks: tuple[str, ...],
    setup: str | None,
    timeout: float,
    jobs: int,
    quiet: bool,
    shallow: bool,
    verify_files: bool,
    as_json: bool,
) -> None:
    """Print the facts of this interpreter."""
    privacy = Privacy("identified" if identify else "tokenised")
    known = catalogue.load(only_facts=True)
    options = Options(
        audited.path,
        frameworks=frameworks or FRAMEWORKS,
        shallow=shallow,
        verify_files=verify_files,
        setup=setup or "",
        timeout_seconds=timeout,
        jobs=jobs,
    )
    audit = Audit(options, known, privacy=privacy)
    with writing_for(privacy, audited) as announced:
        watch(audit, announced, quiet=quiet)
    if as_json:
        facts = {key: fact.model_dump(mode="json", by_alias=True) for key, fact in sorted(audit.facts.items())}
        click.echo(json.dumps({"facts": facts}, indent=2))
    else:
        from ..render import facts as shown  # noqa: PLC0415 - loaded only when people read

        click.echo(shown.text(audit.facts))
