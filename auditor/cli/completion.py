"""What a shell completes: commands from static text, ids of checks from the catalogue. Never an error."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import click
from click.shell_completion import CompletionItem


def check_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of our checks that begin so; a user's own checks are not read, since that would run their files."""
    del ctx, param
    with contextlib.suppress(Exception):  # a shell must never show a traceback in the middle of a line
        from ..catalogue import catalogue  # noqa: PLC0415 - commands that complete nothing shall not pay for it

        checks = catalogue.load().checks
        return [CompletionItem(check.id, help=check.title) for check in checks if check.id.startswith(incomplete)]
    return []


def commands(group: click.Group, names: Mapping[str, str], ctx: click.Context, word: str) -> list[CompletionItem]:
    """A group's commands with their help lines, without importing any of them, and its options."""
    found = [CompletionItem(name, help=told) for name, told in names.items() if name.startswith(word)]
    return [*found, *click.Command.shell_complete(group, ctx, word)]
