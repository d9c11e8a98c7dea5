"""
The summary of an audit on a terminal: what is wrong, what to do, where the files are.

Lines fit 80 columns. There is no colour when the stream is not a terminal or NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from ..manifest.models import Fact, Finding, Manifest
from ..manifest.queries import of_program, of_release, of_setup
from ..quoting.inert import shortened, visible
from . import defects, experiment, summary
from .brief import JSON, first_sentence, whole_items

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

PLAIN_COLUMNS = 80
"""The width where there is no terminal to ask."""
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
SEVERITY_COLUMNS = 10
"""Columns of the severity beside a line."""
REPORT = "report"
"""What `paths` calls the report, which holds every text whole."""


def show(
    audited: Manifest | Sequence[Finding], stream: TextIO | None = None, paths: Mapping[str, str] | None = None
) -> None:
    """
    Write the summary to a stream (standard output without one).

    `paths` maps what each written file is to its path. Texts are shown in whole sentences; where one is too long, the
    report (or, without a report, `--json` and `auditor explain`) has all of it.
    """
    findings = audited.predicate.findings if isinstance(audited, Manifest) else list(audited)
    facts = audited.predicate.facts if isinstance(audited, Manifest) else {}
    stream = sys.stdout if stream is None else stream
    console = _console(stream)
    report = "report.md" if REPORT in (paths or {}) else ""
    for part in _program(audited):
        console.print(part)
    console.print(_text(summary.verdict(findings).replace("`", ""), "bold"))
    console.print("")
    for part in (
        *_wrong("Your program", of_program(findings), report or JSON),
        *_wrong(summary.heading(of_setup(findings)), of_setup(findings), report or JSON),
        *_wrong(
            "Defects of these releases that your program reaches", of_release(findings, reached=True), report or JSON
        ),
        *_to_do(findings, report),
        *_defects(of_release(findings, reached=False), console.width, facts),
        *_unmeasured(findings, report or JSON),
        *_held(findings),
        *_files(paths or {}),
    ):
        console.print(part)
    console.print(_text(f"{summary.counts(findings)}."))
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    stream.write(_encodable("".join(f"{line.rstrip(' ')}\n" for line in text.splitlines()), stream))


def _program(audited: Manifest | Sequence[Finding]) -> list[RenderableType]:
    """The verdict on the user's program, and its cure to paste; nothing for an audit of an environment."""
    held = audited.predicate.experiment if isinstance(audited, Manifest) else None
    if held is None or not isinstance(audited, Manifest):
        return []
    findings = audited.predicate.findings
    told: list[RenderableType] = [
        _text(visible(one).replace("`", ""), "bold") for one in experiment.lines(held, findings)
    ]
    cure = experiment.cure(held, findings)
    if cure:
        told += ["", _text("Paste at the beginning of the program:", "bold")]
        told += [_text(f"    {line}") for line in cure.splitlines()]
    return [*told, ""]


def _console(stream: TextIO) -> Console:
    """A console that writes to memory, with the width and colours of the stream."""
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
    """The text, with escapes for characters that the stream's encoding lacks."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _wrong(title: str, failed: Sequence[Finding], whole: str) -> list[RenderableType]:
    """The check and its message for each failure above low; one line with the checks of all low ones."""
    table = _grid()
    for finding in failed:
        if finding.severity not in summary.MINOR:
            body = _lines((_name(finding), "bold"), (whole_items(finding.message, whole), ""))
            table.add_row(_text(finding.severity, SEVERITY_STYLES[finding.severity]), body)
    _add_minor(table, failed)
    return [_text(title, "bold"), table, ""] if failed else []


def _defects(failed: Sequence[Finding], width: int, facts: Mapping[str, Fact]) -> list[RenderableType]:
    """
    One line for each defect of a release of which it is not known that the program reaches it.

    Those that it is known not to reach share one line: they do not concern it.
    """
    away = [finding for finding in failed if _not_reached(finding)]
    near = [finding for finding in failed if not _not_reached(finding)]
    table = _grid()
    for finding in near:
        if finding.severity not in summary.MINOR:
            line = defects.line(finding, width - SEVERITY_COLUMNS)
            table.add_row(_text(finding.severity, SEVERITY_STYLES[finding.severity]), _text(line))
    _add_minor(table, near)
    title = f"Defects of {summary.releases(failed, facts) or 'these releases'} (auditor explain ID)"
    names = ", ".join(finding.check for finding in away)
    apart = [_text(f"Not reached by your program: {names}")] if away else []
    return [_text(title, "bold"), *([table] if near else []), *apart, ""] if failed else []


def _not_reached(finding: Finding) -> bool:
    return finding.reach is not None and finding.reach.state == "not-reached"


def _add_minor(table: Table, failed: Sequence[Finding]) -> None:
    """One line with the checks of all low failures."""
    minor = [_name(finding) for finding in failed if finding.severity in summary.MINOR]
    if minor:
        table.add_row(_text("low", SEVERITY_STYLES["low"]), _text(", ".join(minor)))


def _name(finding: Finding) -> str:
    """The check, and whether the framework documents the failure."""
    words = {"documented": " (documented)", "documented-and-cured": " (documented; its own switch cures it)"}
    return finding.check + words.get(finding.known or "", "")


def _to_do(findings: Sequence[Finding], report: str) -> list[RenderableType]:
    """The first sentence of each remedy of what concerns this user; those of low findings only if nothing is worse."""
    table = _grid()
    for number, finding in enumerate(summary.to_act_on(findings), start=1):
        whole = report or f"auditor explain {finding.check}"
        remedy = first_sentence(finding.remedy, whole).replace("`", "")
        table.add_row(_text(f"{number}."), _lines((finding.check, "bold"), (remedy, "")))
    return [_text("What to do (in full: auditor explain ID)", "bold"), table, ""] if table.row_count else []


def _unmeasured(findings: Sequence[Finding], whole: str) -> list[RenderableType]:
    table = _grid()
    for finding in summary.unmeasured(findings):
        table.add_row(
            _text("error" if finding.outcome == "error" else "unknown", "magenta"),
            _lines((finding.check, "bold"), (whole_items(finding.message, whole), "")),
        )
    return [_text("What could not be measured (not counted as passed)", "bold"), table, ""] if table.row_count else []


def _files(paths: Mapping[str, str]) -> list[RenderableType]:
    table = _grid()
    for name, path in paths.items():
        table.add_row(_text(name), _text(path))
    return [_text("Where it is", "bold"), table, ""] if paths else []


def _held(findings: Sequence[Finding]) -> list[RenderableType]:
    """One line: how many claims held for each framework. It does not say that the framework is sound."""
    passed = [finding.framework for finding in findings if finding.outcome == "pass"]
    told = ", ".join(f"{name} {passed.count(name)}" for name in sorted(set(passed)))
    return [_text(f"Held: {shortened(told, PLAIN_COLUMNS)}"), ""] if passed else []


def _grid() -> Table:
    from rich.table import Table  # noqa: PLC0415  as above

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(min_width=8)
    table.add_column(overflow="fold")
    return table


def _text(value: str, style: str = "") -> RenderableType:
    """A value as inert text: no markup, no control characters, no escape sequences."""
    from rich.text import Text  # noqa: PLC0415  as above

    return Text(visible(value), style=style, overflow="fold")


def _lines(*parts: tuple[str, str]) -> RenderableType:
    from rich.console import Group  # noqa: PLC0415  as above

    return Group(*(_text(value, style) for value, style in parts if value))
