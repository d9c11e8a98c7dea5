"""`auditor probe`: facts only."""

from __future__ import annotations

import json

import click

from .. import catalogue, discovery
from ..audit import Audit, Options
from .options import FRAMEWORKS, python_options
from .watch import watch


@click.command("probe")
@python_options
@click.option("--shallow", is_flag=True, help="Only what can be read without importing a framework.")
@click.option("--verify-files", is_flag=True, help="Hash installed files against their RECORD.")
@click.option("--json", "as_json", is_flag=True, help="The facts as one JSON object on stdout.")
def command(
    *,
    python: str,
    frameworks: tuple[str, ...],
    setup: str | None,
    timeout: float,
    jobs: int,
    quiet: bool,
    shallow: bool,
    verify_files: bool,
    as_json: bool,
) -> None:
    """Print the facts of an environment: what is installed, configured, switched on. No verdict."""
    known = catalogue.load()
    audited = discovery.discover(python)
    options = Options(
        audited.path,
        frameworks=frameworks or FRAMEWORKS,
        shallow=shallow,
        verify_files=verify_files,
        setup=setup or "",
        timeout_seconds=timeout,
        jobs=jobs,
    )
    audit = Audit(options, known)
    watch(audit, audited, quiet=quiet)
    if as_json:
        facts = {key: fact.model_dump(mode="json", by_alias=True) for key, fact in sorted(audit.facts.items())}
        click.echo(json.dumps({"facts": facts}, indent=2))
    else:
        from ..render import facts as shown  # noqa: PLC0415 - loaded only when people read

        click.echo(shown.text(audit.facts))
