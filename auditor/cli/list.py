"""`auditor list`."""

from __future__ import annotations

import json

import click

from ..catalogue import catalogue
from ..frameworks import FRAMEWORKS
from .options import checks_from_option


@click.command("list")
@click.option(
    "--framework", "frameworks", multiple=True, type=click.Choice(FRAMEWORKS), help="Only checks of this framework."
)
@click.option("--tier", type=click.Choice(("quick", "full")), default="full", help="Only checks that run in this tier.")
@checks_from_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def command(*, frameworks: tuple[str, ...], tier: catalogue.Tier, checks_from: str | None, as_json: bool) -> None:
    """List the checks: id, tier, severity and claim."""
    checks = catalogue.select(catalogue.load(checks_from=checks_from or "").checks, tier=tier, frameworks=frameworks)
    if as_json:
        click.echo(json.dumps([check.model_dump(mode="json", by_alias=True) for check in checks], indent=2))
        return
    width = max((len(check.id) for check in checks), default=0)
    for check in checks:
        click.echo(f"{check.id:<{width}}  {check.tier:<5}  {check.severity:<8}  {check.title}")
