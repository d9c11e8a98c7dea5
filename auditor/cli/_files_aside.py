"""Files around the runs of `replay` and `claim`: `--protect` and its value, what is set aside, and `--restore`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from ..errors import OK, UsageError
from ..replay.files.aside import Aside
from ..replay.files.places import scope

UNITS = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 1 << 10,
    "mi": 1 << 20,
    "gi": 1 << 30,
    "ti": 1 << 40,
}
SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?i?)b?", re.IGNORECASE | re.ASCII)

protect_option = click.option(
    "--protect",
    default="2GiB",
    show_default=True,
    metavar="SIZE",
    help="Copy at most so much of the working folder before the runs, to put back what they change.",
)
"""Its value is for `bytes_of`."""


def bytes_of(text: str) -> int:
    """The bytes of `2GiB`, `500MB` or `0`. Raises UsageError."""
    found = SIZE.fullmatch(text.strip())
    if not found or found[2].lower() not in UNITS:
        raise UsageError(f"{text!r} is no size", "Nothing was run. Write it like --protect 2GiB, 500MB or 0.")
    return int(float(found[1]) * UNITS[found[2].lower()])


def aside_for(
    command: Sequence[str], announce: Callable[[str], None], most_bytes: int, outputs: Sequence[Path | None]
) -> Aside:
    """What is set aside around the runs of a command in our working folder; `outputs` are files of our own in it."""
    own = [path for path in outputs if path is not None]
    beside = [path.with_name(name) for path in own for name in (f".{path.name}.partial", f"{path.name}.traces")]
    return Aside(scope(command, str(Path.cwd())), announce, most_bytes, [*own, *beside])


def restored(command: Sequence[str]) -> int:
    """Bring back the files of a replay that was killed in our working folder."""
    from ..replay.files.restore import restore  # noqa: PLC0415 - only for --restore
    from ..replay.runs.run import alive  # noqa: PLC0415

    if command:
        raise UsageError(
            "--restore runs no command", "Nothing was restored. Leave the command out: auditor replay --restore"
        )
    for sentence in restore(str(Path.cwd()), alive):
        click.echo(f"auditor: {sentence}", err=True)
    return OK
