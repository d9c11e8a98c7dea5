"""The verdict as text for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ...quoting.inert import shortened, visible
from ..rules.result import Result
from ..verdict import Verdict

WIDTH = 80
WORDS = {"fail": "FAIL", "inconclusive": "INCONCLUSIVE", "pass": "pass", "noted": "noted"}
HEADLINES = {
    0: "gate: passed",
    1: "gate: FAILED",
    3: "gate: INCONCLUSIVE: something required could not be measured, which is not a pass",
}
NOTED_SHOWN = 20
LONGEST = 4000
"""Most characters of one text; the other formats have the whole."""


def render(verdict: Verdict) -> str:
    """What failed, the worst first; what is accepted; what was judged by what."""
    return "\n".join(_lines(verdict)) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    yield HEADLINES[verdict.exit_code]
    for result in verdict.counting():
        yield ""
        yield from _told(result)
    yield from _excused(verdict)
    yield from _noted(verdict)
    yield ""
    for one in verdict.manifests:
        yield f"manifest: {visible(one.name)}, {visible(one.told)}"
    yield f"policy: {visible(verdict.policy.name)}"
    if verdict.baseline:
        new = "; only what is worse than it fails" if verdict.fail_new else ""
        yield f"baseline: {visible(verdict.baseline.name)}, {visible(verdict.baseline.told)}{new}"
    held = [one for one in verdict.results if one.state == "pass"]
    yield f"{len(held)} held, {len(verdict.counting())} count against it, {len(verdict.excused())} are excused"


def _told(result: Result) -> Iterator[str]:
    standing = f" ({result.standing} against the baseline)" if result.standing else ""
    severity = f" {result.severity}" if result.severity and result.state == "fail" else ""
    yield visible(f"{WORDS[result.state]}{severity} {result.rule} {result.name}{standing}")
    yield from _wrapped(result.reason)
    if result.where:
        yield from _wrapped(f"at {result.where.file}:{result.where.line}")
    for note in result.notes:
        yield from _wrapped(f"note: {note}")
    if result.remedy:
        yield from _wrapped(f"what to do: {result.remedy}")


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        visible(shortened(text.replace("\n", " "), LONGEST)),
        WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )


def _excused(verdict: Verdict) -> Iterator[str]:
    accepted = [one for one in verdict.excused() if one.accepted]
    kept = [one for one in verdict.excused() if not one.accepted]
    if accepted:
        yield ""
        yield f"Accepted ({len(accepted)}):"
        for result in accepted:
            if result.accepted:
                owner, until = result.accepted.owner, result.accepted.expires
                yield from _wrapped(f"{result.name}: {result.accepted.reason} ({owner}, until {until})")
                for note in result.notes:
                    yield from _wrapped(f"note: {note}")
    if kept:
        yield ""
        yield f"In the baseline ({len(kept)}):"
        for result in kept:
            yield from _wrapped(f"{result.name}: {result.reason}")
    if verdict.lapsed:
        yield ""
        yield "Accepted findings that do not count:"
        for told in verdict.lapsed:
            yield from _wrapped(told)


def _noted(verdict: Verdict) -> Iterator[str]:
    noted = [one for one in verdict.results if one.state == "noted" and one.rule == "finding"]
    if noted:
        yield ""
        yield f"Does not count ({len(noted)}):"
    for result in noted[:NOTED_SHOWN]:
        yield from textwrap.wrap(
            visible(shortened(f"{result.name}: {result.reason}")), WIDTH, initial_indent="  ", max_lines=1
        )
    if len(noted) > NOTED_SHOWN:
        yield f"  and {len(noted) - NOTED_SHOWN} more"
