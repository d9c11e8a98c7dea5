"""
`auditor container`: specifications from a manifest, built and audited again inside.

One file per subcommand, loaded only when it is called: the engine's and the index's clients are heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

from .. import verbosity

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SUBCOMMANDS = {
    "write": "Write Dockerfile, Apptainer definition and devcontainer.json from a manifest; uses no network.",
    "lock": "Write them with the hash of every file, asked of the index: the only one that needs a network.",
    "build": "Build a written specification in a container engine; twice, and compared, with --twice.",
    "verify": "Audit inside an image and compare with the manifest: rebuilt, or what is missing or other.",
}
"""Subcommand to its help line, in the order of work."""


class LazySubcommands(click.Group):
    """A group whose subcommands are imported when they are called; each is `command` in its file."""

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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands from static text, for the same reason as the list below."""
        from .. import completion  # noqa: PLC0415 - only a shell asks for it

        return completion.commands(self, SUBCOMMANDS, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of subcommands from static text: importing each for its help line would cost a second."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([*SUBCOMMANDS.items()])


@click.group("container", cls=LazySubcommands)
def command() -> None:
    """Container specifications that rebuild an audited environment."""
