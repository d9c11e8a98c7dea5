"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..frameworks import FRAMEWORKS
from ..interpreter.discovery import Audited
from .completion import check_ids

if TYPE_CHECKING:
    from ..privacy.modes import Privacy

Command = TypeVar("Command", bound=Callable[..., Any])


def python_options(command: Command) -> Command:
    """Options for the audited Python, its set-up file and its limits."""
    for option in reversed(
        (
            click.option(
                "--python", metavar="PATH", default="", help="The Python to audit: an interpreter or an environment."
            ),
            click.option(
                "--framework", "frameworks", multiple=True, type=click.Choice(FRAMEWORKS), help="Only this framework."
            ),
            click.option(
                "--setup",
                type=click.Path(exists=True, dir_okay=False, readable=True, resolve_path=True),
                help="Run this file first: it sets your experiment's seeds and switches.",
            ),
            click.option(
                "--timeout",
                type=click.FloatRange(min=0.1),
                default=300.0,
                show_default=True,
                help="Seconds for one step.",
            ),
            click.option(
                "--jobs",
                type=click.IntRange(min=0),
                default=0,
                help="Processes at the same time (0: chosen by machine).",
            ),
            click.option("-q", "--quiet", is_flag=True, help="Do not show progress."),
        )
    ):
        command = option(command)
    return command


def identify_option(command: Command) -> Command:
    """The option to write names, addresses and serial numbers unchanged."""
    return click.option(
        "--identify", is_flag=True, help="Write host and user names, addresses and serial numbers unchanged."
    )(command)


@contextmanager
def writing_for(privacy: Privacy, audited: Audited) -> Iterator[Audited]:
    """Give what to announce in this mode of privacy, and say at the end if its tokens compare with no others."""
    yield replace(audited, path=privacy.text(audited.path), reason=privacy.text(audited.reason))
    if privacy.problem:
        click.echo(
            f"auditor: this machine's key for tokens could not be used: {privacy.problem}\n"
            "Names were replaced with a one-time key, so the tokens cannot be compared with those of other audits.",
            err=True,
        )


def checks_from_option(command: Command) -> Command:
    """The option for the user's own checks."""
    return click.option(
        "--checks-from",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False, readable=True, resolve_path=True),
        help="Also run the check files of this folder, as own-NAME.",
    )(command)


def check_options(command: Command) -> Command:
    """Options that select checks, and decide which findings fail the command."""
    from ..manifest.models import SEVERITIES  # noqa: PLC0415 - commands without checks shall not pay for it

    for option in reversed(
        (
            click.option(
                "--check",
                "only",
                multiple=True,
                metavar="ID",
                shell_complete=check_ids,
                help="Run only this check, and require it.",
            ),
            click.option(
                "--skip", multiple=True, metavar="ID", shell_complete=check_ids, help="Do not run this check."
            ),
            click.option(
                "--tier",
                type=click.Choice(("quick", "full")),
                default="quick",
                show_default=True,
                help="Which checks to run.",
            ),
            click.option(
                "--runs", type=click.IntRange(min=0), default=0, help="Minimum number of repeats and processes."
            ),
            click.option(
                "--require",
                multiple=True,
                metavar="ID",
                shell_complete=check_ids,
                help="Exit with 3 if this check could not be measured.",
            ),
            click.option(
                "--fail-on",
                type=click.Choice(SEVERITIES),
                default="high",
                show_default=True,
                help="Exit with 1 for a failure of at least this severity.",
            ),
            click.option(
                "--count-unknown-reach",
                is_flag=True,
                help="Also exit with 1 for a release's defect that your program may not reach.",
            ),
            checks_from_option,
            click.option(
                "--all", "all_cases", is_flag=True, help="Test every case of every operator (minutes to an hour)."
            ),
            click.option(
                "--require-deterministic",
                is_flag=True,
                help="Keep the full severity of deviations that the framework documents and cures.",
            ),
        )
    ):
        command = option(command)
    return command
