"""
The report as Markdown (GitHub's dialect), with every value of the manifest escaped.

Syntax: https://spec.commonmark.org/0.31.2/ and https://github.github.com/gfm/ (tables, autolinks).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

import jinja2

from ..manifest.models import Manifest, Predicate
from ..manifest.queries import of_outcome, of_program, of_release, of_setup
from ..quoting.inert import Inert, visible
from ..quoting.templates import environment
from ..shipped import folder
from . import attached, claims, defects, experiment, rebuild, sections, summary

SAFE_IN_CODE = r"[A-Za-z0-9._:/+=,@%()\"'-](?:[A-Za-z0-9 ._:/+=,@%()\"'-]{0,200}[A-Za-z0-9._:/+=,@%()\"'-])?"
"""What every dialect shows literally in a code span, also in a table: no backtick, pipe, backslash, `<` or `>`."""
CODE = re.compile(rf"(?<!`)`({SAFE_IN_CODE})`(?!`)")
LONE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
ESCAPES = str.maketrans(
    {character: f"\\{character}" for character in "\\*[]~#$"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;"}
)
"""Entities where dialects disagree about a backslash (a pipe in a table, a backtick beside a code span)."""


def text(value: str) -> Inert:
    """Prose from a manifest on one line; nothing in it acts as markup, link, HTML or the end of a table cell."""
    escaped = LONE_UNDERSCORE.sub(r"\\_", visible(value).translate(ESCAPES))
    return Inert(escaped.replace("://", "&#58;//").replace("www.", "www&#46;") or "(empty)")


def prose(value: str) -> Inert:
    """As `text`, but keeps plain code spans, in which remedies name commands and variables."""
    pieces = CODE.split(visible(value))
    return Inert(
        "".join(f"`{piece}`" if number % 2 else text(piece) if piece else "" for number, piece in enumerate(pieces))
    )


def code(value: str) -> Inert:
    """An identifier, a version or a path in a code span; as escaped text where a code span cannot hold it."""
    return Inert(f"`{value}`") if re.fullmatch(SAFE_IN_CODE, value) else text(value)


def _program(predicate: Predicate) -> Mapping[str, object] | None:
    """The verdict on the user's program: its lines, its cure, and what was not seen; None without a program."""
    held = predicate.experiment
    if held is None:
        return None
    return {
        "lines": experiment.lines(held, predicate.findings),
        "cure": [Inert(line) for line in experiment.cure(held, predicate.findings).splitlines()],  # constants of ours
        "unseen": held.unseen,
    }


QUOTING: Mapping[str, Callable[..., object]] = {"text": text, "prose": prose, "code": code}


def render(manifest: Manifest, payload_sha256: str, *, signed: bool = True) -> str:
    """The report as Markdown."""
    predicate = manifest.predicate
    findings = predicate.findings
    setup, reached, unknown = (
        of_setup(findings),
        of_release(findings, reached=True),
        of_release(findings, reached=False),
    )
    return (
        _templates()
        .get_template("report.md.j2")
        .render(
            manifest=manifest,
            payload_sha256=payload_sha256,
            signed=signed,
            program=_program(predicate),
            verdict=summary.verdict(findings),
            counts=summary.counts(findings),
            container=summary.container(predicate.facts),
            of_program=of_program(findings),
            of_setup=setup,
            heading=summary.heading(setup),
            reached=reached,
            open=unknown,
            folded_findings=[item for item in setup if item.severity in summary.MINOR] + unknown,
            minor=summary.MINOR,
            defect=defects.line,
            releases=summary.releases(unknown, predicate.facts),
            release=lambda finding: summary.releases([finding], predicate.facts),
            unmeasured=summary.unmeasured(findings),
            passed=of_outcome(findings, "pass"),
            not_applicable=of_outcome(findings, "not-applicable"),
            reach=experiment.reach_text,
            known_words=summary.KNOWN_WORDS,
            outcome_words=summary.OUTCOME_WORDS,
            evidence=sections.evidence,
            how_sure=summary.how_sure,
            changed=sections.changed(predicate.defaults, predicate.facts),
            subjects=sections.by_subject(predicate.facts),
            without_value=sections.without_value(predicate.facts),
            distributions=sections.distributions(predicate.facts),
            variables=sections.variables(predicate.facts),
            arms=sections.arms(predicate.readings),
            processes=len({reading.process for reading in predicate.readings}),
            privacy=sections.PRIVACY,
            audited=attached.is_audit(predicate),
            claim_columns=claims.COLUMNS,
            claims=claims.table(predicate.claims),
            claim=claims.rows,
            claim_verdict=claims.verdict,
            replay=attached.rows,
            replay_verdict=attached.verdict,
            rebuild=rebuild.rows,
            rebuild_words=rebuild.WORDS,
        )
    )


@functools.cache
def _templates() -> jinja2.Environment:
    return environment(folder("reports") / "templates", QUOTING)
