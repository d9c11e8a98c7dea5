"""`auditor container verify`: audit inside an image, and decide whether it rebuilds a manifest's environment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import click

from ...audit import assemble
from ...audit.run import Audit, Options
from ...catalogue import catalogue
from ...container import extra, rebuild
from ...container.target import open_target
from ...errors import FINDINGS, INCONCLUSIVE, OK, UsageError
from ...manifest.models import Manifest, Predicate, Reading, Rebuild
from ...output import audit_folder
from ...output.atomic_folder import Staging
from ...privacy.modes import Privacy
from ...signing import keys as key_files
from ...signing import local
from ..options import checks_from_option, writing_for
from ..signed import EXISTING_FILE, trust_options
from ..watch import watch
from ._folder import open_source


@click.command("verify")
@click.argument("path", metavar="MANIFEST", type=click.Path(exists=True, path_type=Path))
@click.argument("image", metavar="IMAGE")
@click.option("--python", metavar="PATH", default="", help="The Python inside the image  [default: discovered]")
@click.option("--setup", type=EXISTING_FILE, help="The set-up file of the manifest's audit, if it had one.")
@checks_from_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The folder to create  [default: audits/UTC-TIME]"
)
@trust_options
@click.option("--sign-with", metavar="KEY", type=EXISTING_FILE, help="Sign the result with this private key.")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=300.0, show_default=True, help="Seconds for one step."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout and nothing else.")
@click.option("-q", "--quiet", is_flag=True, help="Do not show progress.")
def command(
    *,
    path: Path,
    image: str,
    python: str,
    setup: Path | None,
    checks_from: str | None,
    output: Path | None,
    keys: Sequence[Path],
    trust_file: Path | None,
    allowed_signers: Path | None,
    sign_with: Path | None,
    timeout: float,
    as_json: bool,
    quiet: bool,
) -> int:
    """
    Run the checks of MANIFEST inside IMAGE, and compare software and results.

    The checks are mounted read-only; the container has no network, a read-only root and no capabilities. The result is
    a second signed manifest, about the image, that names the first. Exit codes: 0 rebuilt, with the same bits; 1 not
    rebuilt, or different bits; 3 too little could be measured.
    """
    extra.require("`auditor container verify`")
    source = open_source(path, keys, trust_file, allowed_signers)
    readings = _readings(source.manifest)
    setup_text = _setup(source.manifest, setup)
    signer = key_files.load_signer(sign_with) if sign_with else local.identity()
    known = catalogue.load(checks_from=checks_from or "")
    with open_target(python, image, readable=(setup_text, checks_from or "")) as target:
        options = Options(
            "",
            catalogue.as_measured(known.checks, readings),
            setup=setup_text,
            checks_from=checks_from or "",
            verify_files=True,
            timeout_seconds=timeout,
        )
        audit, started_on = Audit(target.options(options), known, privacy=Privacy()), assemble.now()
        with (
            Staging(output or audit_folder.default_output()) as staging,
            writing_for(audit.privacy, target.audited) as announced,
        ):
            watch(audit, announced, quiet=quiet)
            tier = source.manifest.predicate.run.tier
            plain = assemble.manifest(audit, target.audited, tier=tier, started_on=started_on, about=target.subjects)
            answer = rebuild.judge(source.manifest, source.payload_sha256, plain)
            audit_folder.write_audit(staging, _with(plain, answer, audit.privacy), signer)
            staging.commit()
    _show(answer, staging.output, as_json=as_json)
    return _exit_code(answer)


def _readings(manifest: Manifest) -> Sequence[Reading]:
    """The readings of the manifest. Raises UsageError if there are none."""
    found = manifest.predicate.readings
    if not found:
        raise UsageError(
            "the manifest has no readings, so the results inside the image cannot be compared with it",
            "Nothing was run. Use a manifest of `auditor audit`; `auditor compare` compares facts alone.",
        )
    return found


def _setup(manifest: Manifest, given: Path | None) -> str:
    """The set-up file, which must be the manifest's own. Raises UsageError."""
    wanted = manifest.predicate.run.setup_sha256
    if not wanted and given is None:
        return ""
    if given is None:
        raise UsageError(
            f"the manifest's audit used a set-up file (sha256 {wanted}), which affects its results",
            "Nothing was run. Give the same file with --setup.",
        )
    if hashlib.sha256(given.read_bytes()).hexdigest() != wanted:
        raise UsageError(
            f"{given} is not the set-up file of the manifest's audit (sha256 {wanted or 'none'})",
            "Nothing was run, since other settings can give other results. Give the same file with --setup.",
        )
    return str(given.resolve())


def _with(manifest: Manifest, answer: Rebuild, privacy: Privacy) -> Manifest:
    """The manifest with the answer, which is redacted like everything that is written."""
    clean = Rebuild.model_validate(privacy.written(answer.model_dump(mode="json", by_alias=True)))
    predicate: Predicate = manifest.predicate.model_copy(update={"rebuilds": [clean]})
    return manifest.model_copy(update={"predicate": predicate})


def _exit_code(answer: Rebuild) -> int:
    if answer.verdict == "inconclusive":
        return INCONCLUSIVE
    return FINDINGS if answer.verdict == "not-rebuilt" or answer.readings else OK


def _show(answer: Rebuild, output: Path, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"output": str(output), **answer.model_dump(mode="json", by_alias=True)}, indent=2))
        return
    from ...render import rebuild as words  # noqa: PLC0415 - only where text is shown

    click.echo(words.terminal(answer))
    click.echo(f"Manifest of this answer: {output / 'manifest.dsse.json'}")
