"""Runs an audit and shows progress."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing

import click

from ..audit import absent, exit_code, kinds
from ..audit.run import Audit
from ..interpreter.discovery import Audited
from ..manifest.models import Finding
from ..quoting.inert import visible
from ..render.progress import ProgressBar


def tell_unmeasured(findings: Sequence[Finding], required: Collection[str]) -> None:
    """Print to stderr why the exit code will be 3."""
    for sentence in exit_code.unmeasured(findings, required):
        click.echo(visible(f"auditor: {sentence}"), err=True)


def _took(audit: Audit) -> str:
    """How long it took: the processes that confirmed suspects apart, since they are as many as there are suspects."""
    told = f"Measured in {audit.seconds:.0f} s"
    one = audit.confirming
    return (
        f"{told}; then {one.processes} processes confirmed suspects, in {one.seconds:.0f} s."
        if one.processes
        else f"{told}."
    )


def watch(audit: Audit, audited: Audited, *, quiet: bool) -> None:
    """Run an audit to its end, with progress on stderr unless quiet. Absent frameworks have no lines."""
    gone = absent.of(audited)
    unseen = absent.measured_nowhere(audit.options.checks, gone)
    if not quiet:
        version = ".".join(str(part) for part in audited.version)
        click.echo(f"Auditing {audited.path} (Python {version}): {audited.reason}.", err=True)
    with ProgressBar(quiet=quiet) as bar:
        bar.total(len(audit.options.checks) - len(unseen))
        for part in (audit.run(), kinds.settle(audit)):
            with closing(part) as events:  # an interruption ends the processes first
                for event in events:
                    if isinstance(event, Finding):
                        if event.check not in unseen:
                            bar.finding(event)
                    elif not event.text.startswith(tuple(f"{name}-" for name in gone)):  # the names of their processes
                        bar.step(event.text)
        bar.note(_took(audit))
