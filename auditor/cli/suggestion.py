"""The error of a word that is no command: it names the nearest one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import click

from ..errors import nearest


def refuse_unknown(context: click.Context, arguments: Sequence[str], commands: Collection[str]) -> None:
    """Raise click's usage error if the first argument is neither one of the commands nor an option."""
    word = arguments[0] if arguments else ""
    if word and word not in commands and not word.startswith("-") and not context.resilient_parsing:
        raise click.UsageError(f"there is no command {word!r}.{nearest(word, commands)}", context)
