"""`auditor gate`: judge a manifest against a project's policy, its baseline and its accepted findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import click

from ..errors import OK, UsageError
from ..gate import acceptance, baseline, run
from ..gate.rules.evidence import Evidence
from ..quoting.inert import visible
from ..signing.keys import load_signer
from ._gate_outputs import FORMATS, Target, targets, write
from .signed import EXISTING_FILE, trust_options

NOTHING = "Nothing was judged. "


@click.command("gate")
@click.argument("paths", metavar="MANIFEST...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@trust_options
@click.option("--policy-from", metavar="REV", help="Take policy, accepted findings and baseline from this revision.")
@click.option("--baseline", "named", metavar="FILE", default="", help="The signed baseline, instead of the policy's.")
@click.option("--fail-new", is_flag=True, help="Fail only on what is worse than the baseline.")
@click.option("--update-baseline", is_flag=True, help="Write MANIFEST as the baseline, and print what it accepts.")
@click.option("--sign-with", metavar="KEY", type=EXISTING_FILE, help="The private key for a baseline or a statement.")
@click.option("--accept", metavar="ID", default="", help="Write an accepted finding to fill in into the policy.")
@click.option("--list", "listing", is_flag=True, help="List the accepted findings, the oldest first.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="Repeatable, each with its -o.  [default: text]",
)
@click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help="Where; - is standard output.")
@click.option("--statement", metavar="FILE", default="", help="Also write the result as a statement, signed.")
def command(
    *,
    paths: tuple[Path, ...],
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    policy_from: str | None,
    named: str,
    fail_new: bool,
    update_baseline: bool,
    sign_with: Path | None,
    accept: str,
    listing: bool,
    formats: Sequence[str],
    outputs: Sequence[str],
    statement: str,
) -> int:
    """
    Judge signed MANIFESTs, an audit and replays beside it, against the project's policy.

    The policy is [tool.auditor] of pyproject.toml, or auditor.toml.

    Exit codes: 0 the policy holds; 1 it does not; 2 the policy or the command line is invalid; 3 something required was
    not measured, or the baseline is incomparable; 4 the manifest or the baseline is not signed by a trusted key.
    """
    _refuse_together(policy_from=policy_from, update_baseline=update_baseline, accept=accept)
    where = targets(formats, outputs, statement, sign_with)
    if listing:
        click.echo(
            acceptance.listed(run.policy_of(Path.cwd(), policy_from or ""), dt.datetime.now(dt.timezone.utc).date())
        )
        return OK
    if not paths:
        raise UsageError("no MANIFEST was named", NOTHING + "Name an audit's folder or its manifest.dsse.json.")
    request = run.Request(
        paths, Path.cwd(), tuple(keys), trust_file, policy_from or "", named, fail_new, allowed_signers
    )
    if update_baseline:
        return _update(request, sign_with)
    if accept:
        return _accept(request, accept)
    return _judge(request, where)


def _refuse_together(*, policy_from: str | None, update_baseline: bool, accept: str) -> None:
    if policy_from is not None and not policy_from.strip():
        raise UsageError(
            "--policy-from has no revision, as from a variable that is not set",
            NOTHING + "The working tree's policy must not stand in for the base's. Name the base branch or its commit.",
        )
    if policy_from and (update_baseline or accept):
        raise UsageError(
            "--policy-from only reads: --update-baseline and --accept write into the working tree",
            NOTHING + "Leave out one of the options.",
        )


def _judge(request: run.Request, where: Sequence[Target]) -> int:
    judged = run.judged(request)
    for target in where:
        write(target, judged.verdict, judged.source)
    return judged.verdict.exit_code


def _update(request: run.Request, sign_with: Path | None) -> int:
    """Write the baseline, and print what it accepts: what fails now."""
    if sign_with is None:
        raise UsageError(
            "--update-baseline needs --sign-with KEY.pem", "Nothing was written. A baseline must be signed."
        )
    if len(request.manifests) != 1:
        raise UsageError("a baseline is one manifest", "Nothing was written. Name the audit alone.")
    judged = run.judged_alone(request)
    path = judged.source.folder / baseline.default_name(judged.source)
    baseline.update(path, request.manifests[0], judged.keys, load_signer(sign_with))
    failed = [one for one in judged.verdict.counting() if one.state == "fail"]
    click.echo(f"baseline written to {visible(str(path))}; with --fail-new it accepts {len(failed)} failures")
    for one in failed:
        click.echo(visible(f"  {one.severity or 'high'} {one.rule} {one.name}: {one.reason}"))
    return OK


def _accept(request: run.Request, name: str) -> int:
    judged = run.judged(request)
    evidence = Evidence(judged.manifest, dt.datetime.now(dt.timezone.utc))
    entry = acceptance.entry_for(name, judged.verdict, evidence, judged.source)
    path = acceptance.append(judged.source, entry)
    click.echo(f"an entry for {visible(name)} was appended to {visible(str(path))}: fill in reason, owner and expires")
    return OK
