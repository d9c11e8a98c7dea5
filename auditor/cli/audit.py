"""`auditor audit`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..audit import absent, assemble, exit_code, named_subjects
from ..audit.run import Audit, Options
from ..catalogue import catalogue, severities
from ..container.target import AuditTarget, open_target
from ..errors import UsageError
from ..frameworks import FRAMEWORKS
from ..manifest.models import Asked, Manifest, PrivacyMode, Severity
from ..output import audit_folder
from ..output.atomic_folder import Staging
from ..privacy.modes import Privacy
from ..signing import ed25519, local
from ..signing import keys as key_files
from ..signing.interface import Signer
from ._audit_shown import show
from .options import check_options, identify_option, python_options, writing_for
from .project import AuditDefaults
from .watch import tell_unmeasured, watch

if TYPE_CHECKING:
    from ._experiment import Program

OF_AN_ENVIRONMENT = ("python", "image", "setup", "operators_of")
OF_A_PROGRAM = ("for_seconds", "steps", "price")


@click.command("audit", cls=AuditDefaults, context_settings={"allow_interspersed_args": False})
@python_options
@check_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The folder to create  [default: audits/UTC-TIME]"
)
@click.option(
    "--track", is_flag=True, help="Let git track the folder: without it, the folder tells git to leave it out."
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sign with this private key instead of this machine's own.",
)
@click.option("--no-sign", is_flag=True, help="Do not sign: all files mark the manifest as UNSIGNED.")
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="PATH|git:REV|oci:NAME@sha256:…",
    help="Name data, a commit or an image that the audit is about.",
)
@click.option("--image", metavar="NAME", default="", help="Audit a container image; --python is a path inside it.")
@click.option(
    "--verify-files", is_flag=True, help="Compare hashes of installed files with RECORD (always in the full tier)."
)
@identify_option
@click.option(
    "--anonymous",
    is_flag=True,
    help="For blind review: leave out names, paths and project addresses; sign with a one-time key.",
)
@click.option(
    "--for",
    "for_seconds",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="With a COMMAND: end it after this time; the first steps tell most.",
)
@click.option("--steps", type=click.IntRange(min=0), default=0, help="With a COMMAND: end it after N optimizer steps.")
@click.option(
    "--operators-of",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True),
    help="Measure the operators of another audit's operators.json, without its program.",
)
@click.option(
    "--operators-budget",
    type=click.FloatRange(min=0),
    default=120.0,
    show_default=True,
    help="Seconds for calling a program's operators again (0: do not).",
)
@click.option(
    "--price", is_flag=True, help="With a COMMAND: also run it with and without the cure in turn, and give the ratio."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout and nothing else.")
@click.argument("command_line", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    command_line: tuple[str, ...],
    for_seconds: float | None,
    steps: int,
    operators_of: str | None,
    operators_budget: float,
    price: bool,
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
    image: str,
    verify_files: bool,
    output: Path | None,
    track: bool,
    key: Path | None,
    no_sign: bool,
    subjects: tuple[str, ...],
    identify: bool,
    anonymous: bool,
    as_json: bool,
) -> int:
    """
    Read facts, run checks, and write a signed manifest, a report and container files into a new folder.

    With a COMMAND after --, run it once under a recorder first. The audit is then of its Python: it says which findings
    the program reaches, and whether the operators that it calls repeat. With --json its stdout goes to stderr.
    """
    refuse_mixture(context, command_line)
    mode = _mode(identify=identify, anonymous=anonymous, key=key, no_sign=no_sign)
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
    plain = Options(
        "",
        checks,
        frameworks=frameworks or FRAMEWORKS,
        setup=setup or "",
        timeout_seconds=timeout,
        jobs=jobs,
        runs=runs,
        require_deterministic=require_deterministic,
        checks_from=checks_from or "",
        verify_files=verify_files or tier == "full",
        subjects=named_subjects.subjects(subjects),
    )
    asked = Asked(
        frameworks=[*frameworks],
        only=[*only],
        skip=[*skip],
        require=[*require],
        fail_on=fail_on,
        count_unknown_reach=count_unknown_reach,
        require_deterministic=require_deterministic,
        all_cases=all_cases,
        runs=runs,
        severities=severities.digest(),
    )
    program = None
    if command_line or operators_of:
        from . import _experiment  # noqa: PLC0415 - only for a program

        wanted = _experiment.Wanted(command_line, operators_of or "", for_seconds, steps, operators_budget, price)
        program = _experiment.opened(wanted, known, Privacy(mode), quiet=quiet, as_json=as_json)
        python = program.python or python
    with open_target(python, image, readable=(plain.setup, plain.checks_from)) as opened:
        target = program.target(opened) if program else opened
        absent.refuse_nothing(
            target.audited, checks, frameworks=frameworks, only=only, require=require, of_program=bool(command_line)
        )
        signer = _signer(key, no_sign=no_sign, anonymous=anonymous)
        audit = Audit(target.options(plain), known, privacy=Privacy(mode))
        with Staging(output or audit_folder.default_output(), tracked=track) as staging:
            manifest = _measured(audit, target, program, tier, asked, quiet=quiet)
            audit_folder.write_audit(staging, manifest, signer, program.files if program else {})
            staging.commit()
    tell_unmeasured(audit.findings, {*only, *require})
    code = exit_code.exit_code(audit.findings, fail_on, {*only, *require}, count_unknown=count_unknown_reach)
    if program:
        code = program.exit_code(code)
    show(manifest, staging.output, signer, code, as_json=as_json, own_key=not key)
    return code


def _measured(
    audit: Audit, target: AuditTarget, program: Program | None, tier: catalogue.Tier, asked: Asked, *, quiet: bool
) -> Manifest:
    """The manifest of what was measured in the target, and of the program that was run there."""
    started_on = assemble.now()
    with writing_for(audit.privacy, target.audited) as announced:
        watch(audit, announced, quiet=quiet)
        if program:
            program.settle(audit, target.audited.path, quiet=quiet)
        return assemble.manifest(
            audit,
            target.audited,
            tier=tier,
            started_on=started_on,
            about=audit.options.subjects,
            asked=asked,
            experiment=program.experiment if program else None,
            defaults=program.defaults if program else None,
        )


def refuse_mixture(context: click.Context, command_line: Sequence[str]) -> None:
    """Raise UsageError for options that would have no effect, or that name another Python than the program's."""
    for name in OF_AN_ENVIRONMENT if command_line else OF_A_PROGRAM:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(one.opts[-1] for one in context.command.params if one.name == name)
            reason = (
                "The audited Python is that of the program: leave it out."
                if command_line
                else "Give a command after --."
            )
            raise UsageError(
                f"{option} has no effect " + ("with a COMMAND" if command_line else "without a COMMAND"),
                f"Nothing was run or audited. {reason}",
            )


def _mode(*, identify: bool, anonymous: bool, key: Path | None, no_sign: bool) -> PrivacyMode:
    """The privacy mode. Raises UsageError where two options exclude each other."""
    if no_sign and key:
        raise UsageError(
            "--no-sign and --key exclude each other",
            "Nothing was audited. Leave out --no-sign to sign with the key, or --key to leave the manifest unsigned.",
        )
    for option, given in (("--identify", identify), ("--key", key)):
        if anonymous and given:
            raise UsageError(
                f"--anonymous and {option} exclude each other",
                "Nothing was audited. A known key or a name would identify the author: leave out one of the options.",
            )
    return "anonymous" if anonymous else "identified" if identify else "tokenised"


def _signer(key: Path | None, *, no_sign: bool, anonymous: bool) -> Signer | None:
    """The signing key, loaded before anything is measured, so that a missing key does not cost an audit."""
    if no_sign:
        return None
    if anonymous:
        return ed25519.Ed25519Signer.generate()  # not kept: it proves that nothing changed, and identifies nobody
    return key_files.load_signer(key) if key else local.identity()
