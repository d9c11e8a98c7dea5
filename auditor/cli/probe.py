"""`auditor probe`: facts only, of an environment or of a real run."""

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
@click.option("--shallow", is_flag=True, help="Only what can be read without importing a framework.")
@click.option("--verify-files", is_flag=True, help="Hash installed files against their RECORD.")
@identify_option
@click.option("--json", "as_json", is_flag=True, help="The facts as one JSON object on stdout.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, resolve_path=True),
    help="Of a COMMAND: the JSON goes here, and both output streams are the command's alone.",
)
@click.option("--no-defaults", is_flag=True, help="Of a COMMAND: no comparison with a bare interpreter.")
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
    Print the facts of an environment: what is installed, configured, switched on. No verdict.

    With a COMMAND after --, run it as it is, and take the facts of each of its Python processes at their exit. The
    report goes to stderr, after what the command writes; with --json its standard output goes to stderr too, so that
    stdout holds the JSON alone.
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
    """Options that would be ignored are refused: their user expects something of them."""
    for name in OF_AN_ENVIRONMENT if real_run else OF_A_REAL_RUN:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(one.opts[-1] for one in context.command.params if one.name == name)
            raise UsageError(
                f"{option} says nothing about " + ("a command's own run" if real_run else "an environment"),
                "Nothing was probed. Leave it out" + ("." if real_run else ", or give a command after --."),
            )


def _writable(output: str | None) -> Path | None:
    """The file for the JSON, tried before the command runs for hours."""
    if not output:
        return None
    try:
        Path(output).open("a").close()  # tried, and what it holds stays until there is something better
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
