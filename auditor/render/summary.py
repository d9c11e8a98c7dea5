"""Counts, order and wording of findings, shared by all report formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..manifest.models import Fact, Finding, Known, Outcome, Severity
from ..manifest.queries import of_outcome, of_program, of_release, of_setup
from ..quoting.inert import as_text, hex_float, shortened

MINOR: tuple[Severity, ...] = ("low", "info")
TELLS = "`auditor audit -- COMMAND` tells"
KNOWN_WORDS: dict[Known | None, str] = {
    None: "",
    "undocumented": "no: the framework's documentation does not mention it",
    "documented": "yes, by the framework",
    "documented-and-cured": "yes, by the framework; its own switch cures it (measured here)",
}
"""Answers to "documented?", for a failed finding."""
OUTCOME_WORDS: dict[Outcome, str] = {
    "pass": "held",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "error": "could not run",
    "not-applicable": "not applicable",
}


def unmeasured(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that could not be measured: inconclusive first, then errors."""
    found = list(findings)
    return [*of_outcome(found, "inconclusive"), *of_outcome(found, "error")]


def to_act_on(findings: Sequence[Finding]) -> list[Finding]:
    """The failures with a remedy that concern this user; low ones only if nothing is worse."""
    mine = [*of_program(findings), *of_setup(findings), *of_release(findings, reached=True)]
    failed = [finding for finding in mine if finding.remedy]
    only_minor = all(finding.severity in MINOR for finding in of_outcome(findings, "fail"))
    return [finding for finding in failed if only_minor or finding.severity not in MINOR]


def counts(findings: Iterable[Finding]) -> str:
    """One line: `12 held, 2 failed, 3 not applicable`; zeros are left out, except of held and failed."""
    seen = Counter(finding.outcome for finding in findings)
    return ", ".join(
        f"{seen[outcome]} {words}"
        for outcome, words in OUTCOME_WORDS.items()
        if seen[outcome] or outcome in ("pass", "fail")
    )


def container(facts: Mapping[str, Fact]) -> str:
    """A sentence: the audit ran inside a container, and of which image; empty outside of a container."""
    inside = facts.get("host.container")
    if inside is None or inside.state != "value" or inside.value is not True:
        return ""
    runtime = facts.get("host.container.runtime")
    named = f" ({shortened(as_text(runtime.value))})" if runtime and runtime.state == "value" else ""
    for key in ("host.container.image_digest", "host.container.image_id", "host.container.image"):
        fact = facts.get(key)
        if fact is not None and fact.state == "value":
            return f"The audit ran inside a container{named} of the image {shortened(as_text(fact.value))}."
    return (
        f"The audit ran inside a container{named} and could not read the image's digest, so the manifest does not name "
        "the image. Pass it with `--subject oci:NAME@sha256:DIGEST`, or run `auditor audit --image NAME` outside."
    )


def how_sure(finding: Finding) -> str:
    """
    How many readings and processes were compared, and the divergence rate that they could miss; empty without counts.

    The bound holds for one contract under the same conditions: it says nothing about other factors.
    """
    readings, processes = finding.evidence.get("readings"), finding.evidence.get("processes")
    if not isinstance(readings, int) or not isinstance(processes, int):
        return ""
    told = f"{readings} reading{'' if readings == 1 else 's'}, {processes} process{'' if processes == 1 else 'es'}"
    text = finding.evidence.get("rate_bound_95")
    bound = hex_float(text) if isinstance(text, str) else None
    return told if finding.outcome != "pass" or bound is None else f"{told}; {unnoticed(bound)}"


def unnoticed(bound: float) -> str:
    """What agreeing runs do not exclude; `bound` is the upper 95 % bound on the divergence rate."""
    return f"a divergence rate up to {100 * bound:.0f} % would go unnoticed (95 % confidence)"


def verdict(findings: Sequence[Finding]) -> str:
    """
    One paragraph about all findings, the worst first: open defects that give wrong numbers, then what is failed.

    A check that could not be measured never reads like a pass, and an open defect never like one that was ruled out.
    """
    apart = len(of_outcome(findings, "not-applicable"))
    here = len(findings) - apart
    total = f"{here} applicable check{'' if here == 1 else 's'}"
    others = f"; {apart} {'does' if apart == 1 else 'do'} not apply here" if apart else ""
    failed, unknown = of_outcome(findings, "fail"), len(unmeasured(findings))
    if failed:
        said = [*_open_defects(findings), *_that_count(findings)]
        if any(item.kind is None for item in failed):
            said.append(f"{len(failed)} of {total} failed, the worst with severity {failed[0].severity}.")
        if not said:
            said = [f"{_number(failed, 'finding')} about these releases, none above low that your program may reach."]
        more = [f"{unknown} of {total} could not be measured."] if unknown else []
        return " ".join([*said, *more])
    if unknown:
        return f"Nothing failed, but {unknown} of {total} could not be measured: that is not a pass{others}."
    passed = len(of_outcome(findings, "pass"))
    if passed:
        return f"Every check that applies here held ({passed}){others}."
    return "No check was run that applies here: the audit says nothing about this environment's reproducibility."


def releases(findings: Iterable[Finding], facts: Mapping[str, Fact]) -> str:
    """The audited releases of these findings' frameworks: `torch 2.13.0, jax 0.10.2`; empty where facts are missing."""
    versions = {name: facts.get(f"{name}.version") for name in dict.fromkeys(item.framework for item in findings)}
    return ", ".join(
        f"{name} {shortened(as_text(fact.value))}"
        for name, fact in sorted(versions.items())
        if fact is not None and fact.state == "value"
    )


def heading(failed: Sequence[Finding]) -> str:
    """The heading of what the user's environment or program decides; manifests before 0.3 do not say who decides."""
    return "What is wrong" if any(item.kind is None for item in failed) else "Your set-up"


def _open_defects(findings: Sequence[Finding]) -> list[str]:
    """A sentence about the defects above low that the user's program may reach: the wrong numbers, or else all."""
    found = [item for item in of_release(findings, reached=False) if _unknown(item) and item.severity not in MINOR]
    wrong = [item for item in found if item.severity == "critical"]
    if not found:
        return []
    one = len(wrong or found) == 1
    does = f"give{'s' if one else ''} wrong numbers" if wrong else f"break{'s' if one else ''} a promise"
    reaches = f"whether your program reaches {'it' if one else 'them'} is unknown"
    told = f"{_number(wrong or found, 'defect')} of these releases {does}; {reaches}"
    return [f"{told}." if any(_was_asked(item) for item in findings) else f"{told} ({TELLS})."]


def _was_asked(item: Finding) -> bool:
    """Whether a program was given, and what was seen of it looked through for what the finding names."""
    return item.reach is not None and (item.reach.state != "unknown" or bool(item.reach.reason))


def _unknown(item: Finding) -> bool:
    return item.reach is None or item.reach.state == "unknown"


def _that_count(findings: Sequence[Finding]) -> list[str]:
    """What concerns this user, in up to three sentences."""
    reached, own = of_release(findings, reached=True), [item for item in of_setup(findings) if item.kind]
    program = of_program(findings)
    told = [f"{_number(program, 'finding')} about your program, at worst {program[0].severity}."] if program else []
    told += [f"Your program reaches {_number(reached, 'defect')} of these releases."] if reached else []
    mine = [f"{_number(own, 'finding')} about your set-up, at worst {own[0].severity}."] if own else []
    return told + mine


def _number(items: Sequence[object], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
