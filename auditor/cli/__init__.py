"""
The command line: one file per command, imported only when the command is called.

`auditor --help` must cost little more than importing click, so the one-line help of each command is written here.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from types import FrameType, ModuleType
from typing import TYPE_CHECKING

import click

from .. import __version__, errors
from . import pipes, suggestion, verbosity

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "audit": "Audit an environment: read facts, run checks, write a signed report.",
    "probe": "Print the facts of an environment, or of a command's run.",
    "check": "Run the checks and print their findings.",
    "list": "List the checks.",
    "explain": "Explain a check: its claim, why it matters, what to do if it fails.",
    "replay": "Run an experiment several times and find the first operation whose result differs.",
    "claim": "Judge a reported number by runs: confirmed, not confirmed, or too few runs to tell.",
    "keygen": "Make a key pair for signing.",
    "sign": "Sign a manifest.",
    "timestamp": "Prove when a signature existed, by a timestamp authority.",
    "verify": "Verify the signature of a manifest, and the files of an audit folder.",
    "container": "Rebuild an audited environment as a container image, and check the result.",
    "compare": "Compare two manifests or two traces: what differs, and whether it can change numbers.",
    "show": "Print any file that auditor wrote again, for a person.",
    "report": "Write a manifest as a report: for people, papers and programs.",
    "gate": "Judge a signed manifest against the project's policy and baseline, for CI.",
    "remedy": "List the settings that cure an audit's failed checks, and prove that they do.",
    "clean": "List old audits, traces and caches by age and size, and remove them when told.",
}
"""Command to its help line, in the order of `--help`."""


def loaded(name: str) -> ModuleType:
    """A module of this package, imported without garbage collection, which finds nothing then and takes a tenth."""
    gc.disable()
    try:
        return importlib.import_module(f"{__name__}.{name}")
    finally:
        gc.enable()


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of `COMMANDS`."""
        del ctx
        return [*COMMANDS]  # not list(): the module of `auditor list` hides the builtin here once it is loaded

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import `auditor.cli.NAME` and return its `command`."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = loaded(cmd_name)
        return verbosity.added(module.command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; for a word that is no command, with the nearest one."""
        suggestion.refuse_unknown(ctx, args, COMMANDS)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands from static text, for the same reason as the list below."""
        from . import completion  # noqa: PLC0415 - only a shell asks for it

        return completion.commands(self, COMMANDS, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands from `COMMANDS`: importing each for its help line would take a second."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", message="auditor %(version)s")
def group() -> None:
    """Audit whether PyTorch, TensorFlow and JAX give the same numbers again, and what decides it."""


group.params.append(verbosity.option())


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit with its exit code."""
    pipes.prepare()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup makes it ignored
            signal.signal(number, _interrupt)
    code = run(arguments)
    pipes.finish()
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run the program, print an error if there is one, and return the exit code."""
    if os.environ.get(verbosity.VARIABLE):
        verbosity.show(2)
    try:
        return _run(arguments)
    finally:
        verbosity.hide()


def _run(arguments: list[str] | None) -> int:
    try:
        code = group.main(arguments, prog_name="auditor", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as problem:
        problem.show()
        return errors.USAGE
    except errors.AuditorError as problem:
        return _told(problem)
    except (KeyboardInterrupt, click.Abort):
        click.echo(
            "\nauditor: interrupted. All processes that it had started were ended, and nothing was written.", err=True
        )
        return errors.INTERRUPTED
    except OSError as problem:
        return _of_the_system(problem)
    except Exception as problem:  # noqa: BLE001 - the last resort: any unexpected exception is exit 5, and says so
        return _unexpected(problem)
    return code if isinstance(code, int) else errors.OK


def _told(problem: errors.AuditorError) -> int:
    verbosity.trace(problem)
    click.echo(f"auditor: {errors.as_text(problem)}", err=True)
    return problem.exit_code


def _of_the_system(problem: OSError) -> int:
    """A shortage of the machine is told as such; any other error is unexpected."""
    from . import shortage  # noqa: PLC0415 - only an error needs it

    told = shortage.told(problem)
    return _told(told) if told else _unexpected(problem)


def _unexpected(problem: Exception) -> int:
    verbosity.trace(problem)
    click.echo(
        f"auditor: unexpected {type(problem).__name__}: {problem}\n"
        "This is a defect of auditor: do not use any result of this run. `auditor -vv` shows where it happened.",
        err=True,
    )
    return errors.FAILED


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Treat SIGTERM and SIGHUP as Ctrl-C: end the processes, leave no partial output."""
    del number, frame
    raise KeyboardInterrupt
