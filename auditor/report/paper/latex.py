"""An appendix of a paper, and macros for its text, as one file of LaTeX that the preamble inputs."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import jinja2

from ...manifest.models import Claim, Finding, Manifest, Replay
from ...manifest.queries import of_outcome, of_program, of_release, of_setup
from ...quoting.inert import hex_float, shortened
from ...quoting.latex import QUOTING
from ...quoting.templates import LATEX, environment
from ...render import attached, claims, experiment, summary
from ...render.brief import whole_items
from ...shipped import folder
from ..outcome import outcome
from ..source import Reported
from . import known, left_out, reference, statements
from .cite_latex import body
from .numbers import counted, percent

LINES = 16
"""Lines of one table, about: tables in a column do not break, so a longer one would leave half a page empty."""
CHARACTERS = 45
"""Characters of a line in a column of two."""
MESSAGE_CHARACTERS = 300
MOST_CLAIMS = 20
"""Claims with a table of their own."""

Row = tuple[str, str]
Table = list[list[Row]]
"""Parts of about `LINES` lines."""


def render(reported: Reported) -> str:
    """The file, in ASCII; the same under pdflatex and lualatex."""
    predicate = reported.manifest.predicate
    hardware, software = known.hardware(predicate.facts), known.software(predicate.facts)
    return _template().render(
        digest=reported.sha256,
        unsigned=reference.UNSIGNED if not reported.signed else "",
        macros=[*_macros(reported), *hardware, *software],
        not_available=known.NOT_AVAILABLE,
        verify=reported.check,
        how=reference.how(reported),
        paragraph=body(reported),
        sections=[
            ("Hardware", _parts(_values(hardware))),
            ("Software", _parts([*_values(software), *_distributions(reported.manifest)])),
            ("What was measured", _parts([*_measured(reported)])),
            *([("Reported numbers", _reported(predicate.claims))] if predicate.claims else []),
            ("What was varied", _parts([*_factors(predicate.replays)])),
            ("Findings that count", _parts([*_findings(_counting(reported.manifest))])),
        ],
        nothing=NOTHING,
        unreached=_unreached(reported.manifest),
        unmeasured=[item.check for item in summary.unmeasured(predicate.findings)],
        left_out=left_out.sentence(predicate),
    )


NOTHING = {
    "Hardware": "The manifest holds no facts about the machine.",
    "Software": "The manifest holds no facts about the software.",
    "What was varied": "Nothing: the manifest holds no replay in which a setting was varied.",
    "Findings that count": "None.",
}
"""What stands where a section has no rows."""


def _macros(reported: Reported) -> Iterator[known.Told]:
    """Facts about the manifest itself and what came out."""
    predicate = reported.manifest.predicate
    findings, replays = predicate.findings, predicate.replays
    yield _macro("Digest", reported.sha256)
    yield _macro("Signed", reference.vouched(reported))
    yield _macro("Date", reported.date)
    yield _macro("Tier", predicate.run.tier)
    yield _macro("Version", shortened(predicate.auditor.version, 40))
    yield _macro("Outcome", outcome(predicate).words)
    judged = {"Held": of_outcome(findings, "pass"), "Failed": of_outcome(findings, "fail")}
    for name, some in {**judged, "Unmeasured": summary.unmeasured(findings)}.items():
        yield _macro(name, str(len(some)) if findings else "", "no check was judged")
    claim = predicate.claims[0] if len(predicate.claims) == 1 else None
    yield _macro(
        "Claim",
        claims.WORDS[claims.word(claim)].lower() if claim else "",
        "several claims" if predicate.claims else "no claim",
    )
    one = replays[0] if len(replays) == 1 else None
    why = "no replay" if not replays else "several replays"
    bound = hex_float(one.rate_bound_95) if one else None
    yield _macro("Replay", one.verdict if one else "", why)
    yield _macro("Runs", str(one.runs) if one else "", why)
    yield _macro("Operations", f"{one.operations:,}" if one else "", why)
    yield _macro("Bound", percent(bound) if bound is not None else "", why if one is None else "the runs did not agree")


def _macro(name: str, words: str, why: str = known.ABSENT) -> known.Told:
    return known.Told(name, name, (), words=words, why=why)


def _parts(rows: Sequence[Row]) -> Table:
    parts: Table = []
    left = 0
    for name, value in rows:
        lines = max(1 + len(name) // (CHARACTERS // 2), 1 + len(value) // CHARACTERS)
        if not parts or lines > left:
            parts.append([])
            left = LINES
        parts[-1].append((name, value))
        left -= lines
    return parts


def _values(told: Sequence[known.Told]) -> list[Row]:
    return [(one.label, one.words) for one in told if one.words]


def _distributions(manifest: Manifest) -> Iterator[Row]:
    count = known.distributions(manifest.predicate.facts)
    digests = {subject.name: subject.digest.sha256 for subject in manifest.subject}
    if count is not None:
        yield "Python distributions", f"{count}, listed in the manifest"
    if digests.get("software-environment"):
        yield "Digest of all software facts", f"sha256:{digests['software-environment']}"


def _measured(reported: Reported) -> Iterator[Row]:
    """The audit and the replays, each with its bound."""
    predicate = reported.manifest.predicate
    yield "Tier and date", f"{predicate.run.tier}, {reported.date}, auditor {shortened(predicate.auditor.version, 40)}"
    if predicate.findings:
        yield "Checks", summary.counts(predicate.findings)
        bound = statements.bound_of_checks(predicate.findings).strip(" ()")
        if bound:
            yield "What checks could miss", bound
    if predicate.experiment is not None:
        yield "Program", statements.program(predicate.experiment, predicate.findings)
        yield from (("Program", line) for line in experiment.lines(predicate.experiment, predicate.findings)[1:])
    for one in predicate.replays:
        yield "Replay", f"{attached.verdict(one)} {next(statements.replay(one))}"
        yield "Command", shortened(" ".join(one.command))


def _reported(some: Sequence[Claim]) -> Table:
    """A table for each claim."""
    return [part for one in some[:MOST_CLAIMS] for part in _parts([*_claims(one)])]


def _claims(one: Claim) -> Iterator[Row]:
    """What was reported, what the runs give, and the verdict."""
    yield "Verdict", claims.verdict(one)
    yield from (row for row in claims.rows(one) if not row[0].startswith("Trace "))  # digests that nobody types


def _factors(replays: Sequence[Replay]) -> Iterator[Row]:
    """One row for each factor."""
    for one in replays:
        for row in one.sensitivity:
            first = f"; first: {shortened(row.first, 120)}" if row.first else ""
            note = f"; {shortened(row.note, MESSAGE_CHARACTERS)}" if row.note else ""
            yield statements.factor(row), f"{attached.moved(one, row)}{first}{note}"


def _counting(manifest: Manifest) -> list[Finding]:
    """Failures about the program and the set-up, and defects of releases that the program reaches."""
    findings, asked = manifest.predicate.findings, manifest.predicate.run.asked
    counted_anyway = of_release(findings, reached=False) if asked and asked.count_unknown_reach else []
    return [*of_program(findings), *of_setup(findings), *of_release(findings, reached=True), *counted_anyway]


def _findings(counting: Sequence[Finding]) -> Iterator[Row]:
    for item in counting:
        reach = experiment.reach_text(item)
        message = whole_items(item.message, "manifest", MESSAGE_CHARACTERS).rstrip(". ")
        reached = f" Reach: {shortened(reach, MESSAGE_CHARACTERS)}." if reach else ""
        yield f"{shortened(item.check, 80)} ({item.severity})", f"{message}.{reached}"


def _unreached(manifest: Manifest) -> list[str]:
    """Defects of the releases of which nobody knows, or which were shown not, to reach the program."""
    counting = {item.check for item in _counting(manifest)}
    return [item.check for item in of_release(manifest.predicate.findings, reached=False) if item.check not in counting]


@functools.cache
def _template() -> jinja2.Template:
    made = environment(folder("reports") / "templates", QUOTING, LATEX)
    made.globals.update(counted=counted, names=statements.names)
    return made.get_template("audit.tex.j2")
