"""A replayed experiment of a manifest (`replay --attach`), for the report: its verdict, and rows in order."""

from __future__ import annotations

from ..manifest.models import Replay, Varied
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
    varied = [(f"With {row.factor}={row.value} alone", _varied(row)) for row in one.sensitivity if factors]
    left = [("Not compared", f"{item.what}: {item.why}") for item in one.not_compared or ()]
    limitations = [("Limitation", whole_items(problem, "manifest", MOST_CHARACTERS)) for problem in one.problems]
    return [(shortened(name), shortened(value)) for name, value in (*told, *varied, *left) if value] + limitations


def _varied(row: Varied) -> str:
    """A row of the table of factors."""
    first = f"first: {row.first}" if row.first else ""
    runs = f"{row.runs} run{'' if row.runs == 1 else 's'}"
    return "; ".join(part for part in (row.verdict, runs, first, row.note) if part)
