"""
The report as Markdown (GitHub's dialect), with every value of the manifest escaped.

Syntax: https://spec.commonmark.org/0.31.2/ and https://github.github.com/gfm/ (tables, autolinks).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import jinja2
from pydantic import JsonValue

from ..factors.factors import CONFIRM
from ..manifest.models import Fact, Manifest, Predicate, Reading
from ..manifest.queries import of_outcome, of_program, of_release, of_setup
from ..quoting.inert import Inert, as_text, shortened, visible
from ..quoting.templates import environment
from ..shipped import folder
from . import attached, defects, experiment, rebuild, summary

FACT_CHARACTERS = 120

SAFE_IN_CODE = r"[A-Za-z0-9._:/+=,@%()\"'-](?:[A-Za-z0-9 ._:/+=,@%()\"'-]{0,200}[A-Za-z0-9._:/+=,@%()\"'-])?"
"""What every dialect shows literally in a code span, also in a table: no backtick, pipe, backslash, `<` or `>`."""
CODE = re.compile(rf"(?<!`)`({SAFE_IN_CODE})`(?!`)")
LONE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
ESCAPES = str.maketrans(
    {character: f"\\{character}" for character in "\\*[]~#$"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;"}
)
"""Entities where dialects disagree about a backslash (a pipe in a table, a backtick beside a code span)."""

SUBJECTS = ("Versions and builds", "Devices", "Switches", "CPU and memory", "System and Python", "Configuration of JAX")
OF_JAX = "Configuration of JAX"
"""Hundreds of facts, and so last."""
DEVICE_WORDS = frozenset(("accelerators", "device", "devices", "driver", "gpu", "nvidia"))
BUILD_WORDS = frozenset(("build", "compiler", "git_version", "version"))
IN_TABLES_OF_THEIR_OWN = ("python.distributions", "env")


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
            evidence=_evidence,
            how_sure=summary.how_sure,
            changed=_changed(predicate.defaults, predicate.facts),
            subjects=_by_subject(predicate.facts),
            without_value=_without_value(predicate.facts),
            distributions=_distributions(predicate.facts),
            variables=_variables(predicate.facts),
            arms=_arms(predicate.readings),
            processes=len({reading.process for reading in predicate.readings}),
            replay=attached.rows,
            replay_verdict=attached.verdict,
            rebuild=rebuild.rows,
            rebuild_words=rebuild.WORDS,
        )
    )


@functools.cache
def _templates() -> jinja2.Environment:
    return environment(folder("reports") / "templates", QUOTING)


def _evidence(evidence: Mapping[str, JsonValue]) -> str:
    """Evidence as short text, without empty entries."""
    return shortened(as_text({name: value for name, value in evidence.items() if value not in ({}, [], "", None)}))


def _changed(defaults: Mapping[str, Fact], facts: Mapping[str, Fact]) -> list[tuple[str, str, str]]:
    """The facts that the set-up file changed: key, value without it, value in this audit."""
    return [(key, _state(default), _state(facts[key])) for key, default in sorted(defaults.items()) if key in facts]


def _state(fact: Fact) -> str:
    return shortened(as_text(fact.value)) if fact.state == "value" else fact.state


def _by_subject(facts: Mapping[str, Fact]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Facts with a value: subject to rows of key, value and source."""
    rows: dict[str, list[tuple[str, str, str]]] = {subject: [] for subject in SUBJECTS}
    for key, fact in sorted(facts.items()):
        if fact.state == "value" and key not in IN_TABLES_OF_THEIR_OWN:
            rows[_subject(key)].append((key, shortened(as_text(fact.value), FACT_CHARACTERS), fact.source))
    return [(subject, found) for subject, found in rows.items() if found]


def _subject(key: str) -> str:
    parts = key.split(".")
    if key.startswith("jax.config."):
        return OF_JAX
    if not DEVICE_WORDS.isdisjoint(parts):
        return "Devices"
    if key.startswith(("host.cpu.", "host.memory.", "host.numa.", "host.cgroup.")):
        return "CPU and memory"
    if not BUILD_WORDS.isdisjoint(parts) or key.startswith(("host.os.", "host.libc.")):
        return "Versions and builds"
    return "System and Python" if parts[0] in ("host", "python", "env", "git") else "Switches"


def _without_value(facts: Mapping[str, Fact]) -> dict[str, list[tuple[str, str]]]:
    """Facts without a value: state to rows of key and reason."""
    found: dict[str, list[tuple[str, str]]] = {"error": [], "unknown": [], "not-applicable": []}
    for key, fact in sorted(facts.items()):
        if fact.state != "value":
            found[fact.state].append((key, shortened(fact.reason)))
    return found


def _distributions(facts: Mapping[str, Fact]) -> list[tuple[str, str, str]]:
    """Rows of name, version and origin."""
    fact = facts.get("python.distributions")
    found = fact.value if fact is not None and isinstance(fact.value, dict) else {}
    rows = []
    for name, entry in sorted(found.items()):
        details = entry if isinstance(entry, dict) else {"version": entry}
        rows.append((name, as_text(details.get("version")), as_text(details.get("origin", "index"))))
    return rows


def _variables(facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    """Rows of an environment variable that can change results, and its value."""
    fact = facts.get("env")
    found = fact.value if fact is not None and isinstance(fact.value, dict) else {}
    return [(name, shortened(as_text(value), FACT_CHARACTERS)) for name, value in sorted(found.items())]


def _arms(readings: Sequence[Reading]) -> list[tuple[str, int, int]]:
    """Rows of changed settings, number of processes, number of readings; unchanged processes first."""
    groups: dict[str, list[Reading]] = {}
    for reading in readings:
        confirms = CONFIRM in reading.settings
        name = "drawn by a coin, to confirm a suspect" if confirms else _settings(reading.settings.items())
        groups.setdefault(name, []).append(reading)
    return [(name, len({one.process for one in group}), len(group)) for name, group in sorted(groups.items())]


def _settings(settings: Iterable[tuple[str, str]]) -> str:
    return shortened(", ".join(f"{name} {value}" for name, value in sorted(settings)))
