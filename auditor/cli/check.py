"""`auditor check`."""

from __future__ import annotations

import click

from ..audit import absent, exit_code
from ..audit.run import Audit, Options
from ..catalogue import catalogue
from ..interpreter import discovery
from ..manifest.models import Severity
from ..manifest.operator_tables import compacted
from ..privacy.modes import Privacy
from . import findings_json
from .options import check_options, identify_option, python_options, writing_for
from .project import AuditDefaults
from .watch import tell_unmeasured, watch

LINTS = "environment"
"""The framework of checks that read variables, packages and locks. `--lints` requires none: many do not apply."""


@click.command("check", cls=AuditDefaults)
@python_options
@check_options
@identify_option
@click.option("--lints", is_flag=True, help="Only what needs no framework imported: variables, packages, the lock.")
@click.option("--json", "as_json", is_flag=True, help="Print findings and readings as one JSON object.")
def command(
    *,
    python: str,
    frameworks: tuple[str, ...],
    setup: str | None,
    timeout: float,
    jobs: int,
    quiet: bool,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    tier: catalogue.Tier,
    runs: int,
    require: tuple[str, ...],
    fail_on: Severity,
    count_unknown_reach: bool,
    require_deterministic: bool,
    checks_from: str | None,
    all_cases: bool,
    identify: bool,
    lints: bool,
    as_json: bool,
) -> int:
    """Run the checks and print their findings. Writes no files."""
    known = catalogue.load(checks_from=checks_from or "")
    checks = catalogue.select(
        known.checks,
        tier=tier,
        frameworks=frameworks,
        only=only,
        skip=skip,
        require=require,
        all_cases=all_cases,
    )
    audited = discovery.discover(python)
    if lints:
        checks, only, require = [check for check in checks if check.framework == LINTS], (), ()
    else:
        absent.refuse_nothing(audited, checks, frameworks=frameworks, only=only, require=require)
    options = Options(
        audited.path,
        checks,
        facts=False,
        setup=setup or "",
        timeout_seconds=timeout,
        jobs=jobs,
        runs=runs,
        require_deterministic=require_deterministic,
        checks_from=checks_from or "",
    )
    audit = Audit(options, known, privacy=Privacy("identified" if identify else "tokenised"))
    with writing_for(audit.privacy, audited) as announced:
        watch(audit, announced, quiet=quiet)
    code = exit_code.exit_code(audit.findings, fail_on, {*only, *require}, count_unknown=count_unknown_reach)
    if as_json:
        readings = findings_json.dumped(compacted(audit.readings))
        click.echo(findings_json.text(audit.findings, code, readings=readings))
    else:
        from ..render import terminal  # noqa: PLC0415 - rich is loaded only when a table is shown

        terminal.show(audit.findings)
    tell_unmeasured(audit.findings, {*only, *require})
    return code
