"""A replayed experiment of a manifest (`replay --attach`), for the report: its verdict, and rows in order."""

from __future__ import annotations

from ..manifest.models import Predicate, Replay, Varied
from ..quoting.inert import MOST_CHARACTERS, as_text, hex_float, shortened
from . import summary
from .brief import whole_items

REPLAY_WORDS = {
    "identical": "IDENTICAL: no difference was found in {runs} of the replayed experiment",
    "diverged": "DIVERGED: {runs} of the replayed experiment do not give the same results",
    "inconclusive": "INCONCLUSIVE: {runs} of the replayed experiment prove neither agreement nor divergence",
}
"""Verdict to what it says."""
PARTIAL_WORDS = {
    "": "",
    "interrupted": "; the replay was interrupted",
    "budget": "; the budget of runs or time ended before a cause was proven",
}


def is_audit(predicate: Predicate) -> bool:
    """Whether it is of an audit, so that counts of findings say something: other manifests hold replays or claims."""
    return bool(predicate.findings or not (predicate.replays or predicate.claims))


def verdict(one: Replay) -> str:
    """The verdict in a sentence; with the cause, where it diverged."""
    runs = f"{one.runs} run{'' if one.runs == 1 else 's'}"
    cause = as_text(one.divergence.get("cause", "")) if one.verdict == "diverged" else ""
    because = f"; cause: {shortened(cause)}" if cause else ""
    return f"{REPLAY_WORDS[one.verdict].format(runs=runs)}{because}{PARTIAL_WORDS[one.partial]}."


def rows(one: Replay, *, factors: bool = True) -> list[tuple[str, str]]:
    """Rows about it: where, why, cure, how sure, and each varied factor, if wanted; empty ones are left out."""
    source, cure = one.divergence.get("source"), one.remedy
    place = f"{source.get('file')}:{source.get('line')}" if isinstance(source, dict) else ""
    proven = "proven here" if cure.get("proven") is True else "not proven"
    bound = hex_float(one.rate_bound_95)
    sure = f"{one.runs} runs agreed; {summary.unnoticed(bound)}" if bound is not None else ""
    told = [
        ("Command", shortened(" ".join(one.command))),
        ("First divergent operation", as_text(one.divergence.get("op", ""))),
        ("Line", place),
        ("Code", as_text(source.get("code", "")) if isinstance(source, dict) else ""),
        ("Outputs", as_text(one.divergence.get("outputs") or "")),
        ("Cause", as_text(one.divergence.get("cause", ""))),
        (f"Cure ({proven})", as_text(cure.get("text", "")) if cure else ""),
        ("Line to add", as_text(cure.get("code", ""))),
        ("What was run for the cure", as_text(cure.get("ran", ""))),
        ("How sure", sure),
        ("Runs", f"{one.runs}; {one.operations} framework operations recorded in the first"),
        ("Exit codes", ", ".join(map(str, one.exit_codes))),
        ("stdout", f"sha256:{one.stdout_sha256}" if one.stdout_sha256 else ""),
        *((f"File {path}", f"sha256:{digest}") for path, digest in sorted(one.files.items())),
        *((f"Trace {name}", f"sha256:{digest}") for name, digest in sorted(one.traces.items())),
    ]
    varied = [(f"With {row.factor}={row.value} alone", _varied(one, row)) for row in one.sensitivity if factors]
    left = [("Not compared", f"{item.what}: {item.why}") for item in one.not_compared or ()]
    limitations = [("Limitation", whole_items(problem, "manifest", MOST_CHARACTERS)) for problem in one.problems]
    return [(shortened(name), shortened(value)) for name, value in (*told, *varied, *left) if value] + limitations


def agreement(one: Replay) -> str:
    """What equal runs have in common: that all bits of operations are equal only where the manifest says so."""
    times = (
        " but for printed times and names of the run" if any(two.kind != "computed" for two in one.differences) else ""
    )
    if not one.operations:
        return f"gave the same results{times}; no operation of a framework was recorded"
    operations = f"{one.operations:,} recorded operation{'' if one.operations == 1 else 's'}"
    if one.operations_equal:
        return f"gave the same bits in all {operations}, and the same results{times} in whatever else was compared"
    differ = ""
    if one.operations_equal is False:
        differ = "; of these some differ, in times or in what reaches no result"
    return f"gave the same results{times}, {operations} among what was compared{differ}"


def moved(one: Replay, row: Varied) -> str:
    """
    What runs under one factor alone did: no proof that the factor decides it, since no coin drew the runs.

    What a verdict means depends on whether the runs agreed without the factor.
    """
    if row.verdict == "inconclusive":
        return "could not be told"
    if one.verdict == "diverged":
        return "runs still differ" if row.verdict == "diverged" else "runs agree with each other"
    if row.verdict == "diverged":
        return f"differs from the runs without it{fault(row.innocent or bool(row.relative_difference), agreed=True)}"
    return "the same up to rounding" if row.relative_difference else "no difference"


def fault(innocent: bool, *, agreed: bool) -> str:  # noqa: FBT001 - the one thing that is asked about
    """What a difference under a factor means if the runs agree without it, and no result may depend on the factor."""
    return " (a fault: no result may depend on it)" if agreed and innocent else ""


def _varied(one: Replay, row: Varied) -> str:
    """A row of the table of factors."""
    first = f"first: {row.first}" if row.first else ""
    runs = f"{row.runs} run{'' if row.runs == 1 else 's'}"
    return "; ".join(part for part in (moved(one, row), runs, first, row.note) if part)
