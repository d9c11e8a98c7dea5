"""
The command line: one file per command, loaded only when it is called.

`auditor --help` must cost little more than importing click, so the commands' one-line help stands here as text.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

import click

from .. import __version__, errors
from . import verbosity

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "audit": "Probe, measure, judge, sign and write: the main job.",
    "probe": "Print the facts of an environment, without a verdict.",
    "check": "Run the checks and print their findings.",
    "list": "List the checks.",
    "explain": "Explain a check: why it matters, what cures it.",
    "replay": "Run an experiment several times: the same bits, or the first operation that differs, why, and the cure.",
    "keygen": "Make an Ed25519 key pair.",
    "sign": "Sign a manifest.",
    "verify": "Verify a manifest, or an audit's whole folder.",
    "container": "Rebuild an audited environment as an image, and prove that it is the same.",
    "compare": "Compare two manifests, or two traces: what differs, and what that can do to numbers.",
    "remedy": "Give the settings that cure the findings of an audit, and prove them.",
}
"""Command to its help line, in the order of `--help`."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of `COMMANDS`."""
        del ctx
        return [*COMMANDS]  # not list(): the module of `auditor list` hides the builtin here once it is loaded

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import `auditor.cli.NAME` and return its `command`."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name}")
        return verbosity.added(module.command)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands from static text, for the same reason as the list below."""
        from . import completion  # noqa: PLC0415 - only a shell asks for it

        return completion.commands(self, COMMANDS, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from static text: importing each for its help line would cost a second."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", message="auditor %(version)s")
def group() -> None:
    """Audit what decides whether PyTorch, TensorFlow and JAX give the same numbers again."""


group.params.append(verbosity.option())


def main(arguments: list[str] | None = None) -> None:
    """Run the program and leave with its exit code: the one place where errors become text."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup has asked for just that
            signal.signal(number, _interrupt)
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit code."""
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
        click.echo("\nauditor: interrupted; every process it had started was ended, and nothing was written.", err=True)
        return errors.INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return errors.INTERRUPTED
    except Exception as problem:  # noqa: BLE001 - the last resort: any unexpected exception is exit 5, and says so
        return _unexpected(problem)
    return code if isinstance(code, int) else errors.OK


def _told(problem: errors.AuditorError) -> int:
    verbosity.trace(problem)
    click.echo(f"auditor: {errors.as_text(problem)}", err=True)
    return problem.exit_code


def _unexpected(problem: Exception) -> int:
    verbosity.trace(problem)
    click.echo(
        f"auditor: unexpected {type(problem).__name__}: {problem}\n"
        "This is a defect of auditor, and no result of this run counts. `auditor -vv` shows where it happened.",
        err=True,
    )
    return errors.FAILED


def _silence_stdout() -> None:
    """The reader is gone: keep the interpreter's own flush at exit from failing again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM and SIGHUP end an audit as Ctrl-C does: processes ended, nothing half-written."""
    del number, frame
    raise KeyboardInterrupt
