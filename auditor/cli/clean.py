"""`auditor clean`: lists what auditor left on this machine, and removes it when told."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ..errors import FAILED, OK
from ..output.audit_folder import DEFAULT_ROOT
from ..output.claims import age

KINDS = ("audit", "traces", "catalogue", "compile", "replay", "unfinished")


@click.command("clean")
@click.argument(
    "folders", metavar="[FOLDER]...", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--older-than", metavar="AGE", default="", help="Only what is older: 30d, 12h, 90m.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only these; repeatable.")
@click.option("--delete", is_flag=True, help="Remove what is listed with `remove`. Without it nothing is changed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout and nothing else.")
def command(*, folders: Sequence[Path], older_than: str, kinds: Sequence[str], delete: bool, as_json: bool) -> int:
    """
    List audits and traces in FOLDERs (audits, if none is named), auditor's caches, and what replays set aside.

    What a project's baseline or a signed claim refers to always stays, and so does what may be the only copy of a
    user's file: each with the reason. Exit codes: 0 listed or removed; 2 the project's policy is invalid; 5 something
    cannot be read or removed.
    """
    from ..cleanup import carried_out, told  # noqa: PLC0415 - models and psutil: `clean --help` needs none
    from ..shown import lines  # noqa: PLC0415 - likewise

    limit = age(older_than, "--older-than", "Nothing was removed.") if older_than else None
    working = Path.cwd().resolve()
    looked = carried_out.looked(folders or [DEFAULT_ROOT], working, kinds, limit)
    done = (carried_out.carried_out if delete else carried_out.listed)(looked.decisions)
    now = dt.datetime.now(dt.timezone.utc)
    if as_json:
        click.echo(json.dumps(told.document(done, looked.others, now)))
    else:
        text = told.lines(done, looked.others, now, working)
        for line in lines.fitted(text, lines.columns(sys.stdout), break_words=False):
            click.echo(line)
    return FAILED if any(one.action == "failed" for one in done) else OK
