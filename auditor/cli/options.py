"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import click

from ..frameworks import FRAMEWORKS
from ..interpreter.discovery import Audited
from ..privacy.modes import Privacy
from .completion import check_ids

Command = TypeVar("Command", bound=Callable[..., Any])

SEVERITIES = ("critical", "high", "medium", "low", "info")


def python_options(command: Command) -> Command:
    """Which Python, prepared how, within what limits."""
    for option in reversed(
        (
            click.option(
                "--python", metavar="PATH", default="", help="The Python to audit (an interpreter or environment)."
            ),
            click.option(
                "--framework", "frameworks", multiple=True, type=click.Choice(FRAMEWORKS), help="Only this one."
            ),
            click.option(
                "--setup",
                type=click.Path(exists=True, dir_okay=False, readable=True, resolve_path=True),
                help="Run this file first: your experiment's own seeds and switches.",
            ),
            click.option(
                "--timeout",
                type=click.FloatRange(min=0.1),
                default=300.0,
                show_default=True,
                help="Seconds for one step.",
            ),
            click.option(
                "--jobs", type=click.IntRange(min=0), default=0, help="Processes side by side (0: by machine)."
            ),
            click.option("-q", "--quiet", is_flag=True, help="No progress."),
        )
    ):
        command = option(command)
    return command


def identify_option(command: Command) -> Command:
    """Whether names, addresses and serial numbers are written as they are."""
    return click.option(
        "--identify", is_flag=True, help="Write host and user names, addresses and serial numbers as they are."
    )(command)


@contextmanager
def writing_for(privacy: Privacy, audited: Audited) -> Iterator[Audited]:
    """Give what to announce in this mode of privacy, and say at the end if its tokens compare with no others."""
    yield replace(audited, path=privacy.text(audited.path), reason=privacy.text(audited.reason))
    if privacy.problem:
        click.echo(
            f"auditor: the key of this machine's tokens could not be used: {privacy.problem}\n"
            "Names were replaced under a key for this once: the tokens do not compare with those of other audits.",
            err=True,
        )


def checks_from_option(command: Command) -> Command:
    """A user's own checks."""
    return click.option(
        "--checks-from",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False, readable=True, resolve_path=True),
        help="Take in the check files of this folder as well, as own-NAME.",
    )(command)


def check_options(command: Command) -> Command:
    """Which checks, how often, and what fails the command."""
    for option in reversed(
        (
            click.option(
                "--check",
                "only",
                multiple=True,
                metavar="ID",
                shell_complete=check_ids,
                help="Only this check, and require it.",
            ),
            click.option("--skip", multiple=True, metavar="ID", shell_complete=check_ids, help="Leave this check out."),
            click.option("--tier", type=click.Choice(("quick", "full")), default="quick", show_default=True),
            click.option(
                "--runs", type=click.IntRange(min=0), default=0, help="At least this many repeats and processes."
            ),
            click.option(
                "--require",
                multiple=True,
                metavar="ID",
                shell_complete=check_ids,
                help="Exit 3 if this check could not be measured.",
            ),
            click.option(
                "--fail-on",
                type=click.Choice(SEVERITIES),
                default="high",
                show_default=True,
                help="Exit 1 from here on.",
            ),
            checks_from_option,
            click.option("--all", "all_cases", is_flag=True, help="Every case of every operator (minutes to an hour)."),
            click.option(
                "--require-deterministic",
                is_flag=True,
                help="Count deviations that the framework documents and cures at full severity.",
            ),
        )
    ):
        command = option(command)
    return command
