"""What `auditor claim` prints and writes once its runs have ended."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..claim.asked import Asked
from ..errors import FINDINGS, INCONCLUSIVE, OK, AuditorError
from ..manifest.models import Claim
from ..output import claim_record
from ..output.claim_folder import ClaimFolder
from ..quoting.inert import hex_float, visible
from ..render import claims as words
from ..replay.seeded import Seeded

EXIT_CODES = {"confirmed": OK, "not-confirmed": FINDINGS, "too-few-runs": INCONCLUSIVE}
FIGURES = ("mean", "own_spread", "low", "high", "power", "visible")
"""Of a claim: stored as hexadecimal text, printed as numbers."""


def judged(
    asked: Asked, made: Seeded, command: Sequence[str], folder: ClaimFolder | None, *, again_of: str, as_json: bool
) -> int:
    """Judge the runs, write the manifest if there is a folder for it, and print the verdict; the exit code."""
    if made.problem:
        return _inconclusive(made.problem, folder, as_json=as_json)
    try:
        claim = claim_record.record(asked, command, made.values, made.notes, again_of=again_of)
    except AuditorError as problem:  # a metric that is not finite
        return _inconclusive(f"{problem.message}: {problem.hint}", folder, as_json=as_json)
    written = folder.write(claim, made.runs) if folder else None
    if as_json:
        click.echo(json.dumps(document(claim), indent=2))
    else:
        click.echo("", err=True)
        for line in text(claim):
            click.echo(visible(line), err=True)
    if written:
        place = f"manifest written to {_from_here(written.folder)}, its traces to {_from_here(written.traces)}"
        for note in (place, *written.notes):
            click.echo(f"auditor: {visible(note)}", err=True)
    return EXIT_CODES[claim.verdict]


def _from_here(place: Path) -> Path:
    """The path relative to the working folder: terminals are logged, and home folders name people."""
    return Path(os.path.relpath(place))


def text(claim: Claim) -> list[str]:
    """The verdict, the figures behind it, and what limits it."""
    shown = ("Reported", "Runs give", "Values", "Expected (95 %)", "Judged by")
    rows = [f"  {name + ':':<17}{value}" for name, value in words.rows(claim) if name in shown]
    return [words.verdict(claim), *rows, *words.advice(claim)]


def document(claim: Claim) -> dict[str, Any]:
    """The claim for programs: as in a manifest, with numbers as numbers."""
    held = claim.model_dump(mode="json", exclude={"traces"})
    held |= {name: hex_float(held[name]) for name in FIGURES}
    return {**held, "values": [hex_float(value) for value in claim.values], "exit": EXIT_CODES[claim.verdict]}


def _inconclusive(problem: str, folder: ClaimFolder | None, *, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps({"verdict": "inconclusive", "problem": problem, "exit": INCONCLUSIVE}, indent=2))
    nothing = " Nothing was signed or written." if folder else ""
    click.echo(
        f"auditor: INCONCLUSIVE: {visible(problem)}. The number was neither confirmed nor refuted.{nothing}", err=True
    )
    return INCONCLUSIVE
