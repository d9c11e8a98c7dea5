"""The option of commands that print a result for people or for programs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def text_or_json(command: Command) -> Command:
    """`--format text|json`, and `--json` for the latter: the command is given `as_json`."""

    @functools.wraps(command)
    def chosen(*arguments: Any, form: str, as_json: bool, **given: Any) -> Any:
        return command(*arguments, as_json=as_json or form == "json", **given)

    for option in (
        click.option("--json", "as_json", is_flag=True, help="The same as --format json: one object on stdout."),
        click.option(
            "--format", "form", type=click.Choice(("text", "json")), default="text", help="text (default) or json."
        ),
    ):
        chosen = option(chosen)
    return cast("Command", chosen)
