"""`auditor explain ID`: the description of one check."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import click

from ..catalogue import catalogue, contracts, severities
from ..experiment import explained
from ..manifest.models import Kind
from ..manifest.queries import OWN
from .completion import check_ids
from .options import checks_from_option

WIDTH = 88
KIND_WORDS: dict[Kind, str] = {
    "setup": "Your environment or program decides it: it counts for the exit code.",
    "release": "The installed release decides it: it counts for the exit code where your program reaches it.",
}


@click.command("explain")
@click.argument("check_id", metavar="ID", shell_complete=check_ids)
@checks_from_option
def command(check_id: str, checks_from: str | None) -> None:
    """
    Explain a check: its claim, why it matters, what to do if it fails, how it is measured.

    The findings about a program (experiment-operators, experiment-seeds) are explained like checks.
    """
    if reason := contracts.absent(check_id):
        click.echo(textwrap.fill(f"There is no check {check_id}: {reason}.", WIDTH))
        return
    if check_id in explained.TEXTS:
        _tell(check_id, [explained.TITLES[check_id], *explained.TEXTS[check_id]])
        return
    check = catalogue.load(checks_from=checks_from or "").check(check_id)
    varied = ", ".join(check.across) or "nothing (a single reading is judged)"
    parts = [
        check.title,
        f"Why: {check.why}",
        f"Remedy: {check.remedy}",
        f"Measured: {check.on or check.framework}, {check.tier} tier, rule `{check.rule}`, varied: {varied}.",
        f"Severity of a failure: {check.severity}{_why(check_id)}. {KIND_WORDS[check.kind]}",
    ]
    if check.documented:
        parts.append("Documented: " + "; ".join(f"{name}: {source}" for name, source in check.documented.items()))
    _tell(check.id, parts)


def _tell(name: str, parts: Sequence[str]) -> None:
    click.echo(f"{name}\n")
    click.echo("\n\n".join(textwrap.fill(part, WIDTH, break_long_words=False) for part in parts))


def _why(check_id: str) -> str:
    row = severities.row_of(check_id)
    return f" ({row.why})" if row and not check_id.startswith(OWN) else ""
