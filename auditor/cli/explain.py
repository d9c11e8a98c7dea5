"""`auditor explain ID`: the text of record of one check."""

from __future__ import annotations

import textwrap

import click

from .. import catalogue

WIDTH = 88


@click.command("explain")
@click.argument("check_id", metavar="ID")
def command(check_id: str) -> None:
    """Explain a check: the claim, why it matters, what cures a failure, how it is measured."""
    check = catalogue.load().check(check_id)
    varied = ", ".join(check.across) or "nothing: one reading is judged by itself"
    parts = [
        check.title,
        f"Why: {check.why}",
        f"Remedy: {check.remedy}",
        f"Measured: {check.framework}, {check.tier} tier, rule `{check.rule}`, varied: {varied}.",
        f"A failure is of {check.severity} severity.",
    ]
    if check.documented:
        parts.append("Documented: " + "; ".join(f"{name}: {source}" for name, source in check.documented.items()))
    click.echo(f"{check.id}\n")
    click.echo("\n\n".join(textwrap.fill(part, WIDTH, break_long_words=False) for part in parts))
