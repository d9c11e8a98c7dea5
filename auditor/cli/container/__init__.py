"""
`auditor container`: write container specifications from a manifest, build them, audit inside the image.

One file per subcommand, imported only when it is called: the clients of engine and index are slow to import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

from .. import suggestion, verbosity

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SUBCOMMANDS = {
    "write": "Write Dockerfile, Apptainer definition and devcontainer.json from a manifest; no network.",
    "lock": "As `write`, with the hash of every package file from the index; uses the network.",
    "build": "Build a specification with a container engine; --twice compares two builds.",
    "verify": "Audit inside an image and compare the result with the manifest.",
}
"""Subcommand to its help line, in the order of work."""


class LazySubcommands(click.Group):
    """A group that imports a subcommand (`command` in its file) only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The subcommands, in the order of work."""
        del ctx
        return [*SUBCOMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import `auditor.cli.container.NAME` and return its `command`."""
        del ctx
        if cmd_name not in SUBCOMMANDS:
            return None
        return verbosity.added(importlib.import_module(f"{__name__}.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; for a word that is no command, with the nearest one."""
        suggestion.refuse_unknown(ctx, args, SUBCOMMANDS)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands from static text, for the same reason as the list below."""
        from .. import completion  # noqa: PLC0415 - only a shell asks for it

        return completion.commands(self, SUBCOMMANDS, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands from `SUBCOMMANDS`: importing each for its help line would take a second."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([*SUBCOMMANDS.items()])


@click.group("container", cls=LazySubcommands)
def command() -> None:
    """Rebuild an audited environment as a container image."""
