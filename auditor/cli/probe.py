"""`auditor probe`: the facts of an environment or of a command's run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..errors import OutputError, UsageError
from ..interpreter import discovery
from . import loaded
from .options import identify_option, python_options

OF_AN_ENVIRONMENT = ("python", "frameworks", "setup", "jobs", "shallow", "verify_files")
OF_A_REAL_RUN = ("output", "no_defaults")


@click.command("probe", context_settings={"allow_interspersed_args": False})
@python_options
@click.option("--shallow", is_flag=True, help="Only facts that need no framework import.")
@click.option("--verify-files", is_flag=True, help="Compare hashes of installed files with RECORD.")
@identify_option
@click.option("--json", "as_json", is_flag=True, help="Print the facts as one JSON object.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, resolve_path=True),
    help="With a COMMAND: write the JSON to FILE; stdout and stderr carry only the command's output.",
)
@click.option("--no-defaults", is_flag=True, help="With a COMMAND: do not compare with a bare interpreter.")
@click.argument("command_line", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    command_line: tuple[str, ...],
    python: str,
    timeout: float,
    quiet: bool,
    as_json: bool,
    output: str | None,
    no_defaults: bool,
    identify: bool,
    **environment: Any,
) -> int:
    """
    Print the facts of an environment: what is installed, configured and switched on. There is no verdict.

    With a COMMAND after --, run it unchanged, and read the facts of each of its Python processes at exit. The report
    goes to stderr after the command's output. With --json, the command's stdout also goes to stderr, so that stdout
    contains only the JSON.
    """
    _refuse_mixture(context, real_run=bool(command_line))
    if command_line:
        from ._real_run import probe_real_run  # noqa: PLC0415 - loaded only for it

        return probe_real_run(
            command_line,
            identify=identify,
            timeout_seconds=timeout,
            quiet=quiet,
            as_json=as_json,
            output=_writable(output),
            compare=not no_defaults,
        )
    audited = discovery.discover(python, meanwhile=_load)
    from ._environment import probe_environment  # noqa: PLC0415 - loaded while the audited Python starts

    probe_environment(audited, identify=identify, timeout=timeout, quiet=quiet, as_json=as_json, **environment)
    return 0


def _load() -> None:
    """Import what an audit of an environment needs: it takes as long as to start the audited Python."""
    loaded("_environment")


def _refuse_mixture(context: click.Context, *, real_run: bool) -> None:
    """Raise UsageError for options that would have no effect."""
    for name in OF_AN_ENVIRONMENT if real_run else OF_A_REAL_RUN:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(one.opts[-1] for one in context.command.params if one.name == name)
            raise UsageError(
                f"{option} has no effect " + ("with a COMMAND" if real_run else "without a COMMAND"),
                "Nothing was probed. Leave it out" + ("." if real_run else ", or give a command after --."),
            )


def _writable(output: str | None) -> Path | None:
    """The file for the JSON, opened once before the command runs. Raises OutputError."""
    if not output:
        return None
    try:
        Path(output).open("a").close()  # append mode keeps the old content until the new is complete
    except OSError as problem:
        raise OutputError(
            f"{output} cannot be written: {problem.strerror}", "The command was not run. Give another --output."
        ) from problem
    return Path(output)
