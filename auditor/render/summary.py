"""Counts, order and wording of findings, shared by all report formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..manifest.models import Fact, Finding, Known, Outcome
from ..manifest.queries import of_outcome
from ..quoting.inert import as_text, shortened

KNOWN_WORDS: dict[Known | None, str] = {
    None: "",
    "undocumented": "no: the framework's documentation does not mention it",
    "documented": "yes, by the framework",
    "documented-and-cured": "yes, by the framework; its own switch cures it (measured here)",
}
"""Answers to "documented?", for a failed finding."""
OUTCOME_WORDS: dict[Outcome, str] = {
    "pass": "passed",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "error": "could not run",
    "not-applicable": "not applicable",
}


def unmeasured(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that could not be measured: inconclusive first, then errors."""
    found = list(findings)
    return [*of_outcome(found, "inconclusive"), *of_outcome(found, "error")]


def counts(findings: Iterable[Finding]) -> str:
    """One line: `12 passed, 2 failed, 3 not applicable`; zeros are left out, except of passed and failed."""
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
    bound = finding.evidence.get("rate_bound_95")
    if finding.outcome != "pass" or not isinstance(bound, str):
        return told
    return f"{told}; {unnoticed(float.fromhex(bound))}"


def unnoticed(bound: float) -> str:
    """What agreeing runs do not exclude; `bound` is the upper 95 % bound on the divergence rate."""
    return f"a divergence rate up to {100 * bound:.0f} % would go unnoticed (95 % confidence)"


def verdict(findings: Sequence[Finding]) -> str:
    """One sentence about all findings. A check that could not be measured never reads like a pass."""
    apart = len(of_outcome(findings, "not-applicable"))
    here = len(findings) - apart
    total = f"{here} applicable check{'' if here == 1 else 's'}"
    others = f"; {apart} {'does' if apart == 1 else 'do'} not apply here" if apart else ""
    failed = of_outcome(findings, "fail")
    unknown = len(unmeasured(findings))
    if failed:
        more = f"; {unknown} could not be measured" if unknown else ""
        return f"{len(failed)} of {total} failed, the worst with severity {failed[0].severity}{more}{others}."
    if unknown:
        return f"Nothing failed, but {unknown} of {total} could not be measured: that is not a pass{others}."
    passed = len(of_outcome(findings, "pass"))
    if passed:
        return f"Every check that applies here passed ({passed}){others}."
    return "No check was run that applies here: the audit says nothing about this environment's reproducibility."
