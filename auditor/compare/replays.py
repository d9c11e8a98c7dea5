"""
What two manifests say of one experiment that was replayed in both: whether it gave the same bits.

The digest of a trace covers every operation, and beside them the paths of the program and the versions of Python and
of auditor: equal digests are equal bits, other digests need not be other bits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import PurePath
from typing import Literal

from ..manifest.models import Frozen, Replay
from .side import Side

PYTHON = re.compile(r"^python[0-9.]*$")
ReplayOutcome = Literal["same-bits", "differs", "cannot-tell", "unstable", "one-side"]
SAME = "the experiment gave the same bits on both: every recorded operation, and what it printed and wrote"
LOOK = (
    "what it printed and wrote is the same, and the traces' digests differ, which other paths or versions do as well:"
    " `auditor compare A.trace B.trace` tells whether any bit does"
)
ALONE = "it was replayed there alone"


class ReplayDifference(Frozen):
    """An experiment that at least one side has replayed."""

    command: list[str]
    """As the first side that has it says it."""
    outcome: ReplayOutcome
    """
    `same-bits`: it agrees with itself on each side, and the sides with each other; `differs`: it agrees with itself,
    and gave other output; `cannot-tell`: only the traces themselves could tell; `unstable`: a side does not agree with
    itself or could not tell, so nothing follows; `one-side`: the other has not replayed it.
    """
    verdict_a: str
    """What the replay found there; empty where it was not replayed."""
    verdict_b: str
    traces_equal: bool | None
    """Whether the digests of all traces are equal; None where one side has none."""
    outputs: list[str] = []
    """Of exit codes, stdout and files: what differs between the sides."""
    reason: str
    """For people."""


def differences(a: Side, b: Side) -> list[ReplayDifference]:
    """Each experiment of either side, those of both first."""
    left, right = _by_command(a.replays), _by_command(b.replays)
    found = []
    for key in dict.fromkeys([*left, *right]):
        for one, other in zip_longest(left.get(key, []), right.get(key, [])):
            found.append(_compared(one, other, a, b) if one and other else _alone(one, other))
    return sorted(found, key=lambda one: one.outcome == "one-side")


def _by_command(replays: Sequence[Replay]) -> dict[tuple[str, ...], list[Replay]]:
    """By what was run: an interpreter has another place and another number on each machine."""
    found: dict[tuple[str, ...], list[Replay]] = defaultdict(list)
    for one in replays:
        program, *arguments = one.command or [""]
        key = (PYTHON.sub("python", PurePath(program).name), *arguments)
        found[key].append(one)
    return found


def _alone(one: Replay | None, other: Replay | None) -> ReplayDifference:
    there = one or other
    assert there is not None  # noqa: S101 - one of both is a replay
    return ReplayDifference(
        command=there.command,
        outcome="one-side",
        verdict_a=one.verdict if one else "",
        verdict_b=other.verdict if other else "",
        traces_equal=None,
        reason=f"{'A' if one else 'B'}: {ALONE}",
    )


def _compared(one: Replay, other: Replay, a: Side, b: Side) -> ReplayDifference:
    equal = {*one.traces.values()} == {*other.traces.values()} if one.traces and other.traces else None
    outputs = list(_outputs(one, other))
    outcome, reason = _outcome(one, other, equal=equal, outputs=outputs)
    if a.commits != b.commits and outcome in {"differs", "cannot-tell"}:
        reason += "; it was another commit of the program, or a commit is not known"
    return ReplayDifference(
        command=one.command,
        outcome=outcome,
        verdict_a=one.verdict,
        verdict_b=other.verdict,
        traces_equal=equal,
        outputs=outputs,
        reason=reason,
    )


def _outcome(one: Replay, other: Replay, *, equal: bool | None, outputs: Sequence[str]) -> tuple[ReplayOutcome, str]:
    unstable = [f"{name} {side.verdict}" for name, side in (("A", one), ("B", other)) if side.verdict != "identical"]
    if unstable:
        return "unstable", f"it does not agree with itself everywhere ({', '.join(unstable)}), so nothing follows"
    if outputs:
        return "differs", f"the experiment gave other bits: {', '.join(outputs)}"
    return ("same-bits", SAME) if equal else ("cannot-tell", LOOK)


def _outputs(one: Replay, other: Replay) -> Iterator[str]:
    if {*one.exit_codes} != {*other.exit_codes}:
        yield "exit codes"
    if one.stdout_sha256 != other.stdout_sha256:
        yield "stdout"
    yield from (path for path in sorted({*one.files, *other.files}) if one.files.get(path) != other.files.get(path))
