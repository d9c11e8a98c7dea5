"""`auditor remedy`: the smallest set of settings that cures an audit's failed checks, and its proof."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..catalogue import catalogue
from ..errors import UsageError, nearest
from ..interpreter import discovery
from ..manifest.models import SEVERITIES, Manifest, Severity
from ..output import audit_folder
from ..privacy.modes import Privacy
from ..quoting.inert import visible
from ..remedy.arms import Conditions
from ..remedy.choose import choose
from ..remedy.model import Remedy, RemedyProof, exit_code
from ..remedy.prove import LEAST_RUNS, prove
from ..render import remedy as shown
from ..render.progress import ProgressBar
from ..signing import trust
from .completion import check_ids
from .options import checks_from_option, writing_for
from .signed import open_accepted, signed_by, trust_options

OF_A_PROOF = ("python", "setup", "timeout", "runs")


@click.command("remedy")
@click.argument("path", metavar="[MANIFEST]", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice([*shown.FORMATS]), help="Print only the settings, in this format.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--check",
    "only",
    multiple=True,
    metavar="ID",
    shell_complete=check_ids,
    help="Only cure this failed check; repeatable.",
)
@click.option("--prove", "prove_it", is_flag=True, help="Run the failed checks again, without and with the remedy.")
@click.option(
    "--runs",
    type=click.IntRange(min=LEAST_RUNS),
    default=LEAST_RUNS,
    show_default=True,
    help="With --prove: runs per arm.",
)
@click.option("--python", metavar="PATH", default="", help="With --prove: the Python to measure with.")
@click.option(
    "--setup",
    type=click.Path(exists=True, dir_okay=False, readable=True, resolve_path=True),
    help="With --prove: run this file after the remedy's code; it sets your seeds and switches.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=300.0,
    show_default=True,
    help="With --prove: seconds for one step.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="high",
    show_default=True,
    help="Exit with 1 for a failure of at least this severity.",
)
@checks_from_option
@trust_options
@click.option("-q", "--quiet", is_flag=True, help="Do not show progress.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    path: Path | None,
    form: str | None,
    as_json: bool,
    only: tuple[str, ...],
    prove_it: bool,
    fail_on: Severity,
    checks_from: str | None,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    quiet: bool,
    **proof: Any,
) -> int:
    """
    List the smallest set of settings that cures the failed checks of MANIFEST (default: the newest in ./audits).

    MANIFEST is an envelope, an audit folder, or a bare manifest.json (UNSIGNED). Exit codes: 0 all cured, or nothing to
    cure; 1 the settings do not cure a failed check (with --prove: they are not proven to cure it); 3 the proof could
    not be measured.
    """
    _refuse_mixture(context, prove_it=prove_it, form=form, as_json=as_json)
    path = path or _newest(audit_folder.DEFAULT_ROOT)
    opened = open_accepted(path, keys, trust_file, allowed_signers)
    manifest = opened.manifest()
    _refuse_unknown(manifest, only)
    checks = {check.id: check for check in catalogue.load(checks_from=checks_from or "").checks}
    remedy = choose(manifest, checks, only)
    proofs = (
        _proofs(manifest, remedy, checks, quiet=quiet, checks_from=checks_from or "", **proof) if prove_it else None
    )
    code = exit_code(remedy, proofs, fail_on)
    head = [
        f"Written by auditor from {path}, {signed_by(opened)}.",
        f"Manifest: sha256:{hashlib.sha256(opened.payload).hexdigest()}",
    ]
    if as_json:
        about = {"manifest": str(path), "standing": opened.standing, "trustedBy": opened.origin or None}
        told = {**about, **shown.document(remedy, proofs), "exitCode": code}
        click.echo(f"auditor: {visible(str(path))} is {signed_by(opened)}.", err=True)
        click.echo(json.dumps(told, indent=2))
    else:
        render = shown.FORMATS[form] if form else shown.text
        click.echo(render(remedy, head, proofs), nl=False)
    return code


def _refuse_mixture(context: click.Context, *, prove_it: bool, form: str | None, as_json: bool) -> None:
    """Raise UsageError for options that would have no effect."""
    if form and as_json:
        raise UsageError("--format and --json exclude each other", "Nothing was read. Leave out one of them.")
    given = [name for name in OF_A_PROOF if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given and not prove_it:
        raise UsageError(
            f"--{given[0]} has no effect without --prove", "Nothing was read. Add --prove, or leave it out."
        )


def _newest(root: Path) -> Path:
    """The newest audit in a folder. Raises UsageError if there is none."""
    names = (trust.ENVELOPE_NAME, trust.PAYLOAD_NAME)
    places = [place for name in names for place in root.glob(f"*/{name}") if place.is_file()]
    if not places:
        raise UsageError(
            f"./{root} contains no audit, and no MANIFEST was given",
            "Nothing was read. Run `auditor audit` first, or name a manifest or an audit folder.",
        )
    newest = max(places, key=lambda place: (place.stat().st_mtime_ns, place.parent.name)).parent
    click.echo(visible(f"auditor: using the newest audit in ./{root}: {newest}"), err=True)
    return newest


def _refuse_unknown(manifest: Manifest, only: Sequence[str]) -> None:
    outcomes = {finding.check: finding.outcome for finding in manifest.predicate.findings}
    for name in only:
        if outcomes.get(name) != "fail":
            told = f"its outcome is {outcomes[name]}" if name in outcomes else "the manifest has no such check"
            raise UsageError(
                f"{name} did not fail: {told}",
                "Nothing was chosen: only a failed check can be cured. Leave --check out."
                + ("" if name in outcomes else nearest(name, outcomes)),
            )


def _proofs(
    manifest: Manifest,
    remedy: Remedy,
    checks: dict[str, catalogue.CheckInfo],
    *,
    quiet: bool,
    checks_from: str,
    python: str,
    setup: str | None,
    timeout: float,
    runs: int,
) -> list[RemedyProof]:
    """Prove the remedy with the Python that would be audited; without choices nothing runs."""
    findings = {item.check: item for item in manifest.predicate.findings if item.check in remedy.severities}
    if not remedy.choices:
        return []
    audited = discovery.discover(python)
    _tell_other_setup(manifest, setup)
    privacy = Privacy()
    with writing_for(privacy, audited) as announced, ProgressBar(quiet=quiet) as bar:
        bar.note(f"Proving with {announced.path}: {announced.reason}.")
        conditions = Conditions(audited.path, setup or "", timeout, runs, checks_from, privacy)
        return prove([*findings.values()], checks, remedy, conditions, bar.step)


def _tell_other_setup(manifest: Manifest, setup: str | None) -> None:
    """Warn if the audit had another set-up file, since its faults may not show here."""
    digest = hashlib.sha256(Path(setup).read_bytes()).hexdigest() if setup else ""
    if digest != manifest.predicate.run.setup_sha256:
        told = "another set-up file than this one" if setup else "a set-up file"
        without = "without one" if not manifest.predicate.run.setup_sha256 else f"with {told}"
        click.echo(
            f"auditor: the audit was made {without}, so its findings may not show in this proof (--setup).", err=True
        )
