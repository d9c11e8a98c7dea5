"""
The end of an audit on a terminal: what is wrong, what to do, where the files are; read in ten seconds.

At 80 columns or more, without colour when the stream is no terminal or NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from ..manifest import Finding, Manifest
from . import summary
from .inert import shortened, visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

PLAIN_COLUMNS = 80
"""The width where there is no terminal to ask."""
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
MESSAGE_CHARACTERS = 240


def show(
    audited: Manifest | Sequence[Finding], stream: TextIO | None = None, paths: Mapping[str, str] | None = None
) -> None:
    """
    Write the summary to a stream (standard output without one).

    `paths` names the files that were made: what each is, to its path.
    """
    findings = audited.predicate.findings if isinstance(audited, Manifest) else list(audited)
    stream = sys.stdout if stream is None else stream
    console = _console(stream)
    for part in (
        *_wrong(findings),
        *_to_do(findings),
        *_unmeasured(findings),
        *_passed(findings),
        *_files(paths or {}),
    ):
        console.print(part)
    console.print(_text(summary.verdict(findings), "bold"))
    console.print(_text(f"{summary.counts(findings)}."))
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    stream.write(_encodable("".join(f"{line.rstrip(' ')}\n" for line in text.splitlines()), stream))


def _console(stream: TextIO) -> Console:
    """A console that writes to memory as it would to the stream."""
    from rich.console import Console  # noqa: PLC0415  only commands that show something pay for rich

    terminal = stream.isatty()
    plain = not terminal or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    width = max(PLAIN_COLUMNS // 2, Console(file=stream).width) if terminal else PLAIN_COLUMNS
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=not plain,
        force_interactive=False,
        color_system=None if plain else "standard",
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def _encodable(text: str, stream: TextIO) -> str:
    """The text with escapes for what the stream's encoding lacks."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _wrong(findings: Sequence[Finding]) -> list[RenderableType]:
    failed = summary.of_outcome(findings, "fail")
    table = _grid()
    for finding in failed:
        body = _lines(
            (finding.check, "bold"),
            (f"Does not hold: {shortened(finding.title, MESSAGE_CHARACTERS)}", ""),
            (f"Measured: {shortened(finding.message, MESSAGE_CHARACTERS)}", ""),
            (summary.KNOWN_WORDS[finding.known].capitalize(), ""),
        )
        table.add_row(_text(finding.severity, SEVERITY_STYLES[finding.severity]), body)
    return [_text("What is wrong", "bold"), table, ""] if failed else []


def _to_do(findings: Sequence[Finding]) -> list[RenderableType]:
    failed = summary.of_outcome(findings, "fail")
    table = _grid()
    for number, finding in enumerate((one for one in failed if one.remedy), start=1):
        table.add_row(_text(f"{number}."), _lines((finding.check, "bold"), (finding.remedy.replace("`", ""), "")))
    return [_text("What to do", "bold"), table, ""] if table.row_count else []


def _unmeasured(findings: Sequence[Finding]) -> list[RenderableType]:
    table = _grid()
    for finding in summary.unmeasured(findings):
        table.add_row(
            _text("error" if finding.outcome == "error" else "unknown", "magenta"),
            _lines((finding.check, "bold"), (shortened(finding.message, MESSAGE_CHARACTERS), "")),
        )
    return [_text("What could not be measured (no pass)", "bold"), table, ""] if table.row_count else []


def _files(paths: Mapping[str, str]) -> list[RenderableType]:
    table = _grid()
    for name, path in paths.items():
        table.add_row(_text(name), _text(path))
    return [_text("Where it is", "bold"), table, ""] if paths else []


def _passed(findings: Sequence[Finding]) -> list[RenderableType]:
    """One line, by framework: the report lists each."""
    passed = [finding.framework for finding in findings if finding.outcome == "pass"]
    told = ", ".join(f"{name} {passed.count(name)}" for name in sorted(set(passed)))
    return [_text(f"Passed: {shortened(told, PLAIN_COLUMNS)}"), ""] if passed else []


def _grid() -> Table:
    from rich.table import Table  # noqa: PLC0415  as above

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(min_width=8)
    table.add_column(overflow="fold")
    return table


def _text(value: str, style: str = "") -> RenderableType:
    """A value as it is, inert: no markup, no control characters, no escape sequences."""
    from rich.text import Text  # noqa: PLC0415  as above

    return Text(visible(value), style=style, overflow="fold")


def _lines(*parts: tuple[str, str]) -> RenderableType:
    from rich.console import Group  # noqa: PLC0415  as above

    return Group(*(_text(value, style) for value, style in parts if value))
