"""What every report says first: counts, order and words of findings, shared by all formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..manifest.models import Fact, Finding, Known, Outcome
from ..manifest.queries import of_outcome
from ..quoting.inert import shortened, told

KNOWN_WORDS: dict[Known | None, str] = {
    None: "",
    "undocumented": "undocumented: the framework does not mention it",
    "documented": "documented by the framework",
    "documented-and-cured": "documented; its own switch cures it (measured here)",
}
OUTCOME_WORDS: dict[Outcome, str] = {
    "pass": "passed",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "error": "could not run",
    "not-applicable": "not applicable",
}


def unmeasured(findings: Iterable[Finding]) -> list[Finding]:
    """What could not be measured: inconclusive first, then errors."""
    found = list(findings)
    return [*of_outcome(found, "inconclusive"), *of_outcome(found, "error")]


def counts(findings: Iterable[Finding]) -> str:
    """One line: `12 passed, 2 failed, 1 inconclusive, 3 not applicable`; zeros are left out, passes and fails never."""
    seen = Counter(finding.outcome for finding in findings)
    return ", ".join(
        f"{seen[outcome]} {words}"
        for outcome, words in OUTCOME_WORDS.items()
        if seen[outcome] or outcome in ("pass", "fail")
    )


def container(facts: Mapping[str, Fact]) -> str:
    """Whether the audit ran in a container, and of which image; empty outside of any."""
    inside = facts.get("host.container")
    if inside is None or inside.state != "value" or inside.value is not True:
        return ""
    runtime = facts.get("host.container.runtime")
    named = f" ({shortened(told(runtime.value))})" if runtime and runtime.state == "value" else ""
    for key in ("host.container.image_digest", "host.container.image_id", "host.container.image"):
        fact = facts.get(key)
        if fact is not None and fact.state == "value":
            return f"It ran in a container{named} of the image {shortened(told(fact.value))}."
    return (
        f"It ran in a container{named} that cannot tell its image; state it with "
        "`--subject oci:NAME@sha256:DIGEST`, or audit it from outside with `auditor audit --image NAME`."
    )


def how_sure(finding: Finding) -> str:
    """
    How much was measured, and what agreement of that much bounds; empty where nothing was counted.

    Per contract and under the same conditions only: nothing is claimed across factors.
    """
    readings, processes = finding.evidence.get("readings"), finding.evidence.get("processes")
    if not isinstance(readings, int) or not isinstance(processes, int):
        return ""
    told = f"{readings} reading{'' if readings == 1 else 's'}, {processes} process{'' if processes == 1 else 'es'}"
    bound = finding.evidence.get("rate_bound_95")
    if finding.outcome != "pass" or not isinstance(bound, str):
        return told
    return f"{told}; rate of differing below {float.fromhex(bound):.2f} (95 %)"


def verdict(findings: Sequence[Finding]) -> str:
    """One sentence about all findings. `Could not measure` never reads like a pass."""
    total = f"{len(findings)} check{'' if len(findings) == 1 else 's'}"
    failed = of_outcome(findings, "fail")
    unknown = len(unmeasured(findings))
    if failed:
        more = f"; {unknown} could not be measured" if unknown else ""
        return f"{len(failed)} of {total} failed, the worst with severity {failed[0].severity}{more}."
    if unknown:
        return f"Nothing failed, but {unknown} of {total} could not be measured: that is not a pass."
    passed = len(of_outcome(findings, "pass"))
    if passed:
        return f"Every check that applies here passed ({passed})."
    return "No check was run that applies here: nothing is known about this environment's reproducibility."
