"""
The whole page: one file without a network, whose only style and script are its own, named by digest in its policy.

Policy: https://www.w3.org/TR/CSP3/ (a `meta` element; `frame-ancestors` cannot stand there). Scripts only search.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable

import jinja2

from ...manifest.models import Claim, Predicate
from ...manifest.queries import of_outcome
from ...quoting.html import QUOTING
from ...quoting.inert import Inert
from ...quoting.templates import environment
from ...render import attached, claims, experiment, sections, summary
from ...shipped import folder
from ..source import Reported
from . import depends, errors, findings, operators, readings, replays, verdict

FOLDER = "html"


def render(reported: Reported) -> str:
    """The page."""
    predicate = reported.manifest.predicate
    style, script = _own("style.css"), _own("search.js")
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            reported=reported,
            manifest=reported.manifest,
            predicate=predicate,
            style=style,
            script=script,
            policy=_policy(style, script),
            top=verdict.of(predicate),
            groups=findings.groups(predicate),
            unmeasured=summary.unmeasured(predicate.findings),
            passed=of_outcome(predicate.findings, "pass"),
            not_applicable=of_outcome(predicate.findings, "not-applicable"),
            outcome_words=summary.OUTCOME_WORDS,
            how_sure=summary.how_sure,
            audited=attached.is_audit(predicate),
            claim_columns=claims.COLUMNS,
            claims=[(row, claims.rows(one)) for row, one in _claims(predicate)],
            replays=[replays.of(one) for one in predicate.replays],
            rebuilds=[verdict.rebuilt(one) for one in predicate.rebuilds],
            plots=errors.plots(predicate.readings),
            map=operators.heat_map(predicate),
            depends=depends.rows(predicate.findings),
            program=predicate.experiment,
            cure=_cure(predicate),
            privacy=sections.PRIVACY,
            readings=readings.by_check(predicate.readings),
            measured={one.check for one in predicate.readings},
            **_environment(predicate),
        )
    )


def _environment(predicate: Predicate) -> dict[str, object]:
    return {
        "changed": sections.changed(predicate.defaults, predicate.facts),
        "subjects": sections.by_subject(predicate.facts),
        "without_value": sections.without_value(predicate.facts),
        "distributions": sections.distributions(predicate.facts),
        "variables": sections.variables(predicate.facts),
        "arms": sections.arms(predicate.readings),
        "processes": len({reading.process for reading in predicate.readings}),
    }


def _claims(predicate: Predicate) -> Iterable[tuple[tuple[str, ...], Claim]]:
    """Each claim with its row of the table."""
    return zip(claims.table(predicate.claims), predicate.claims, strict=True)


def _cure(predicate: Predicate) -> str:
    held = predicate.experiment
    return experiment.cure(held, predicate.findings) if held is not None else ""


def _policy(style: str, script: str) -> Inert:
    """Nothing is loaded, sent or run, but this style and this script."""
    return Inert(
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _own(name: str) -> Inert:
    """A file of ours, as it is: no value of a manifest enters it."""
    return Inert((folder("reports") / "templates" / FOLDER / name).read_text(encoding="utf-8"))


@functools.cache
def _templates() -> jinja2.Environment:
    return environment(folder("reports") / "templates" / FOLDER, {**QUOTING, "lines": str.splitlines})
