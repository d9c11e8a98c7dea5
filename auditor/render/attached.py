"""A replayed experiment of a manifest (`replay --attach`), for the report: its verdict, and rows in order."""

from __future__ import annotations

from ..manifest.models import Replay
from ..quoting.inert import MOST_CHARACTERS, as_text, shortened
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


def rows(one: Replay) -> list[tuple[str, str]]:
    """Rows about it: where, why, cure, how sure; empty ones are left out."""
    source, cure = one.divergence.get("source"), one.remedy
    place = f"{source.get('file')}:{source.get('line')}" if isinstance(source, dict) else ""
    proven = "proven here" if cure.get("proven") is True else "not proven"
    bound = float.fromhex(one.rate_bound_95) if one.rate_bound_95 else None
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
    limitations = [("Limitation", whole_items(problem, "manifest", MOST_CHARACTERS)) for problem in one.problems]
    return [(name, shortened(value)) for name, value in told if value] + limitations
