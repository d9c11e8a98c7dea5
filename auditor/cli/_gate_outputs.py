"""Where `auditor gate` writes its verdict, and in which format."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ..errors import OutputError, UsageError
from ..gate.formats import github, json_object, junit, sarif, statement, text
from ..gate.policy.source import Source
from ..gate.verdict import Verdict
from ..signing import envelope
from ..signing.keys import load_signer
from ._written import STDOUT
from ._written import write as write_file

FORMATS = ("text", "json", "sarif", "junit", "github")
STATEMENT = "statement"
SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
RENDERERS: dict[str, Callable[[Verdict, Source], str]] = {
    "text": lambda verdict, _: text.render(verdict),
    "json": lambda verdict, _: json_object.render(verdict),
    "sarif": sarif.render,
    "junit": lambda verdict, _: junit.render(verdict),
    "github": github.summary,
}


@dataclass(frozen=True)
class Target:
    """One format and its place."""

    form: str
    place: str
    key: Path | None = None


def targets(formats: Sequence[str], outputs: Sequence[str], statement_file: str, key: Path | None) -> list[Target]:
    """
    Each format with its place, in order. Raises UsageError where that is ambiguous.

    One format without a place goes to standard output; if nothing does, the text goes there.
    """
    chosen = list(formats) or ["text"]
    places = list(outputs) or ([STDOUT] if len(chosen) == 1 else [])
    if len(chosen) != len(places):
        raise UsageError(
            f"there are {len(chosen)} formats and {len(places)} outputs",
            "Nothing was judged. Give each --format its -o FILE, in the same order; `-o -` is standard output.",
        )
    if places.count(STDOUT) > 1:
        raise UsageError("two formats go to standard output", "Nothing was judged. Give one of them an -o FILE.")
    found = [Target(form, place) for form, place in zip(chosen, places, strict=True)]
    if STDOUT not in places:
        found.append(Target("text", STDOUT))
    if statement_file:
        if key is None:
            raise UsageError("--statement needs --sign-with KEY.pem", "Nothing was judged. A statement must be signed.")
        found.append(Target(STATEMENT, statement_file, key))
    return found


def write(target: Target, verdict: Verdict, source: Source) -> None:
    """Write one format whole, or raise OutputError."""
    if target.form == STATEMENT and target.key is not None:
        data = envelope.write(envelope.sign(statement.payload(verdict), load_signer(target.key)))
        write_file(target.place, data)
        return
    rendered = RENDERERS[target.form](verdict, source)
    if target.form == "github":
        _github(target, rendered, verdict, source)
    else:
        write_file(target.place, rendered.encode())


def _github(target: Target, rendered: str, verdict: Verdict, source: Source) -> None:
    """Annotations are commands on standard output; the summary goes to its file, else to the job's."""
    click.echo(github.commands(verdict, source), nl=False)
    named = os.environ.get(SUMMARY_VARIABLE, "")
    if target.place != STDOUT:
        write_file(target.place, rendered.encode())
    elif named:
        try:
            with Path(named).open("ab") as summary:
                summary.write(rendered.encode())
        except OSError as problem:
            raise OutputError(
                f"the job summary cannot be written: {problem}", "The verdict was not shown there."
            ) from problem
    else:
        click.echo(rendered, nl=False)
