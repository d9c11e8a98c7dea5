"""
The verdict for GitHub Actions: annotations as workflow commands, and a job summary in Markdown.

Limits: https://docs.github.com/actions/reference/limits and the annotations' limit of ten per type and step; a summary
above 1 MiB is refused whole. Values are escaped as actions/toolkit does (packages/core/src/command.ts).
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from ...quoting.inert import shortened, visible
from ..policy.source import Source
from ..rules.result import Result
from ..verdict import Verdict
from .places import Places, uri

ANNOTATIONS = 10
"""Most annotations of one type that GitHub shows for a step."""
SUMMARY_BYTES = 1024 * 1024
"""A summary must stay below this."""
LONGEST_MESSAGE = 2000
TYPES = {"critical": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}
CELL = 600
"""Most characters of a cell of the summary."""
MARKDOWN = {character: f"\\{character}" for character in "\\`*_{}[]()#+!|~@:"}
CUT = "\n\n**The summary is cut here: it would be larger than GitHub accepts. The other formats have everything.**\n"


def commands(verdict: Verdict, source: Source) -> str:
    """At most ten workflow commands of each type, the worst first."""
    places, shown = Places(source), dict.fromkeys(("error", "warning", "notice"), 0)
    lines = []
    for one in verdict.counting():
        kind = TYPES[one.severity or "high"]
        if shown[kind] == ANNOTATIONS:
            continue
        shown[kind] += 1
        place = places.of(one)
        values = {"file": uri_path(place.file, source), "line": str(place.line), "title": f"auditor: {one.name}"}
        told = ",".join(f"{name}={_property(value)}" for name, value in values.items())
        lines.append(f"::{kind} {told}::{_data(shortened(one.reason, LONGEST_MESSAGE))}\n")
    return "".join(lines)


def uri_path(file: str, source: Source) -> str:
    """The path from the top of the checkout, unquoted: annotations name paths, not URIs."""
    from urllib.parse import unquote  # noqa: PLC0415 - a part of `urllib` that is loaded already

    from ..rules.result import Place  # noqa: PLC0415 - the same

    return unquote(uri(Place(file=file), source))


def _data(text: str) -> str:
    """A message: without line breaks, so that nothing in it begins a command of its own."""
    return visible(text.replace("\n", " ")).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(verdict: Verdict, source: Source) -> str:
    """The job summary, below 1 MiB: it is cut at a line, and says so."""
    del source
    kept: list[str] = []
    size = len(CUT.encode())
    for line in _summary(verdict):
        size += len(line.encode()) + 1
        if size >= SUMMARY_BYTES:
            return "\n".join(kept) + CUT
        kept.append(line)
    return "\n".join(kept) + "\n"


def _summary(verdict: Verdict) -> Iterator[str]:
    words = {0: "passed", 1: "failed", 3: "inconclusive: something required could not be measured"}
    yield f"## auditor gate: {words[verdict.exit_code]}"
    yield ""
    yield f"Manifest: {_markdown(verdict.vouched)}. Policy: {_markdown(verdict.policy.name)}."
    yield from _table("What counts", verdict.counting())
    yield from _table("Accepted, or in the baseline", verdict.excused())
    for told in verdict.lapsed:
        yield f"- Accepted finding that does not count: {_markdown(told)}"


def _table(title: str, results: list[Result]) -> Iterator[str]:
    if not results:
        return
    yield ""
    yield f"### {title} ({len(results)})"
    yield ""
    yield "| | rule | about | why | what to do |"
    yield "|---|---|---|---|---|"
    for one in results:
        why = f"accepted: {one.accepted.reason} (until {one.accepted.expires})" if one.accepted else one.reason
        cells = [one.severity or one.state, one.rule, one.name, "; ".join([why, *one.notes]), one.remedy]
        yield f"| {' | '.join(_markdown(cell) for cell in cells)} |"


def _markdown(text: str) -> str:
    """Untrusted text in a cell: one line, without markup, HTML, mentions or links."""
    plain = html.escape(shortened(visible(text.replace("\n", " ")), CELL), quote=False)
    return "".join(MARKDOWN.get(character, character) for character in plain)
