"""`auditor probe`: the facts of an environment or of a command's run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..audit.run import Audit, Options
from ..catalogue import catalogue
from ..errors import OutputError, UsageError
from ..frameworks import FRAMEWORKS
from ..interpreter import discovery
from ..privacy.modes import Privacy
from .options import identify_option, python_options, writing_for
from .watch import watch

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
            _privacy(identify=identify),
            timeout_seconds=timeout,
            quiet=quiet,
            as_json=as_json,
            output=_writable(output),
            compare=not no_defaults,
        )
    _probe_environment(_privacy(identify=identify), timeout=timeout, quiet=quiet, as_json=as_json, **environment)
    return 0


def _privacy(*, identify: bool) -> Privacy:
    return Privacy("identified" if identify else "tokenised")


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


def _probe_environment(
    privacy: Privacy,
    *,
    python: str,
    frameworks: tuple[str, ...],
    setup: str | None,
    timeout: float,
    jobs: int,
    quiet: bool,
    shallow: bool,
    verify_files: bool,
    as_json: bool,
) -> None:
    known = catalogue.load(only_facts=True)
    audited = discovery.discover(python)
    options = Options(
        audited.path,
        frameworks=frameworks or FRAMEWORKS,
        shallow=shallow,
        verify_files=verify_files,
        setup=setup or "",
        timeout_seconds=timeout,
        jobs=jobs,
    )
    audit = Audit(options, known, privacy=privacy)
    with writing_for(privacy, audited) as announced:
        watch(audit, announced, quiet=quiet)
    if as_json:
        facts = {key: fact.model_dump(mode="json", by_alias=True) for key, fact in sorted(audit.facts.items())}
        click.echo(json.dumps({"facts": facts}, indent=2))
    else:
        from ..render import facts as shown  # noqa: PLC0415 - loaded only when people read

        click.echo(shown.text(audit.facts))
