"""What stands on top: the verdicts in the words of every report, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...manifest.models import Finding, Predicate, Rebuild
from ...manifest.queries import of_outcome, of_release, of_setup
from ...quoting.inert import as_text
from ...render import attached, claims, experiment, rebuild, summary
from ...render.brief import first_sentence

WHOLE = "the finding below"
GOOD, OPEN, BAD, PLAIN = "good", "open", "bad", "plain"
MOST_STEPS = 40
REACHES = "Run `auditor audit -- COMMAND` with your program: it tells which of these releases' defects it reaches."


@dataclass(frozen=True)
class Said:
    """One sentence of the verdict."""

    kind: str
    """`good`, `open`, `bad` or `plain`; the words say it too."""
    text: str


@dataclass(frozen=True)
class Step:
    """One thing to do."""

    check: str
    """The finding that asks for it; empty for the cure of a replay."""
    text: str


@dataclass(frozen=True)
class Top:
    """The head of the page."""

    said: list[Said]
    counts: str
    """How many checks held, failed, ...; empty where the manifest holds no check."""
    container: str
    steps: list[Step]
    more: int
    """Further steps that are not listed here."""


def of(predicate: Predicate) -> Top:
    """The verdicts in the order of `report.md`, and the first sentence of each remedy that concerns this user."""
    told = attached.is_audit(predicate)
    steps = [*_cures(predicate), *_remedies(predicate)]
    return Top(
        said=[*_said(predicate)],
        counts=f"{summary.counts(predicate.findings)}." if told else "",
        container=summary.container(predicate.facts),
        steps=steps[:MOST_STEPS],
        more=max(0, len(steps) - MOST_STEPS),
    )


def rebuilt(one: Rebuild) -> tuple[Said, list[tuple[str, str]]]:
    """The verdict on a rebuilt image, and its rows."""
    return _of_rebuild(one), rebuild.rows(one)


def _said(predicate: Predicate) -> Iterator[Said]:
    found = predicate.findings
    if predicate.experiment is not None:
        for line in experiment.lines(predicate.experiment, found):
            yield Said(PLAIN, line)
    for one in predicate.replays:
        kind = {"identical": GOOD, "diverged": BAD}.get(one.verdict, OPEN)
        yield Said(OPEN if kind == GOOD and one.partial else kind, attached.verdict(one))
    for claim in predicate.claims:
        yield Said({"confirmed": GOOD, "too-few-runs": OPEN}.get(claims.word(claim), BAD), claims.verdict(claim))
    for image in predicate.rebuilds:
        yield _of_rebuild(image)
    if attached.is_audit(predicate):
        yield Said(_of_findings(found), summary.verdict(found))


def _of_rebuild(one: Rebuild) -> Said:
    kind = {"rebuilt": GOOD, "not-rebuilt": BAD}.get(one.verdict, OPEN)
    return Said(kind, rebuild.WORDS[one.verdict])


def _of_findings(found: Sequence[Finding]) -> str:
    """Bad where something counts for this user; open where something failed or was not measured."""
    if any(item.severity not in summary.MINOR for item in summary.to_act_on(found)):
        return BAD
    passed = of_outcome(found, "pass")
    return GOOD if passed and not of_outcome(found, "fail", "inconclusive", "error") else OPEN


def _remedies(predicate: Predicate) -> Iterator[Step]:
    """What every report lists; then whether the program reaches open defects, and the low findings of the set-up."""
    found = predicate.findings
    listed = summary.to_act_on(found)
    for item in listed:
        yield Step(item.check, first_sentence(item.remedy, WHOLE))
    if predicate.experiment is None and any(item.severity not in summary.MINOR for item in _open(found)):
        yield Step("", REACHES)
    for item in of_setup(found):
        if item.remedy and item not in listed:
            yield Step(item.check, first_sentence(item.remedy, WHOLE))


def _open(found: Sequence[Finding]) -> list[Finding]:
    return of_release(found, reached=False)


def _cures(predicate: Predicate) -> Iterator[Step]:
    for one in predicate.replays:
        text = as_text(one.remedy.get("text", "")) if one.remedy else ""
        if text:
            proven = "proven here" if one.remedy.get("proven") is True else "not proven"
            yield Step("", f"{text} ({proven})")
