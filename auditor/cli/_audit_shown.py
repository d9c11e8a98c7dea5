"""What `auditor audit` prints once its folder is written."""

from __future__ import annotations

from pathlib import Path

import click
from pydantic import JsonValue

from ..manifest.models import Manifest
from ..signing.interface import Signer
from . import findings_json


def show(manifest: Manifest, output: Path, signer: Signer | None, code: int, *, as_json: bool, own_key: bool) -> None:
    """
    Print the findings and where the files are; as one JSON object with `as_json`.

    `own_key` says whether the signer is this machine's own key, which no user chose.
    """
    if as_json:
        more = {"output": str(_from_here(output)), **_program(manifest)}
        click.echo(findings_json.text(manifest.predicate.findings, code, **more))
        return
    from ..quoting.inert import visible  # noqa: PLC0415 - only for people
    from ..render import summary, terminal  # noqa: PLC0415 - rich is loaded only when a table is shown

    output = _from_here(output)
    if said := summary.container(manifest.predicate.facts):
        click.echo(f"auditor: {visible(said)}", err=True)
    name = "manifest.json" if signer is None else "manifest.dsse.json"
    paths = {"report": str(output / "report.md"), "manifest": str(output / name)}
    paths["container spec"] = str(output / "specs" / "Dockerfile")
    if signer is None:
        paths["signature"] = "none (--no-sign): the manifest is UNSIGNED"
    elif manifest.predicate.run.privacy == "anonymous":
        paths["signature"] = (
            "a one-time key (--anonymous): proves that nothing changed since; does not prove who signed"
        )
    elif own_key:
        paths["signature"] = (
            "this machine's own key: proves that nothing changed since; does not prove who signed (see --key)"
        )
    else:
        paths["signature"] = f"key {signer.keyid[:16]}…"
    terminal.show(manifest, paths=paths)


def _program(manifest: Manifest) -> dict[str, JsonValue]:
    """What the JSON holds about a program: its verdict in lines, its cure, its exit code, what was not seen."""
    held = manifest.predicate.experiment
    if held is None:
        return {}
    from ..render import experiment  # noqa: PLC0415 - only for a program

    findings = manifest.predicate.findings
    return {
        "program": {
            "lines": [*experiment.lines(held, findings)],
            "cure": experiment.cure(held, findings),
            "exitCode": held.exit_code,
            "ended": held.ended,
            "unseen": [*held.unseen],
        }
    }


def _from_here(output: Path) -> Path:
    """The path relative to the working folder if possible: terminals are logged, and home folders name people."""
    here = Path.cwd()
    return output.relative_to(here) if output.is_relative_to(here) else output
