"""
Compares experiments that were replayed on both sides: whether they gave the same bits.

The digest of a trace covers every operation, and also the program's paths and the versions of Python and auditor. Equal
digests mean equal bits; different digests need not mean different bits.
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
SAME = "every recorded operation and all outputs have the same bits on both sides"
LOOK = (
    "outputs are equal, but the digests of the traces differ, which other paths or versions can cause:"
    " `auditor compare A.trace B.trace` compares the operations"
)
ALONE = "only this side replayed it"


class ReplayDifference(Frozen):
    """An experiment that at least one side has replayed."""

    command: list[str]
    """The command as the first side that replayed it records it."""
    outcome: ReplayOutcome
    """
    `same-bits`: identical on each side and between the sides; `differs`: identical on each side, but outputs differ;
    `cannot-tell`: the traces must be compared; `unstable`: not identical on one side, so the sides cannot be compared;
    `one-side`: the other side has not replayed it.
    """
    verdict_a: str
    """The verdict of A's replay; empty if A has none."""
    verdict_b: str
    traces_equal: bool | None
    """Whether the digests of all traces are equal; None if a side has no traces."""
    outputs: list[str] = []
    """The outputs that differ between the sides: exit codes, stdout, files."""
    reason: str
    """The outcome as a sentence."""


def differences(a: Side, b: Side) -> list[ReplayDifference]:
    """Each experiment of either side; those of both sides come first."""
    left, right = _by_command(a.replays), _by_command(b.replays)
    found = []
    for key in dict.fromkeys([*left, *right]):
        for one, other in zip_longest(left.get(key, []), right.get(key, [])):
            found.append(_compared(one, other, a, b) if one and other else _alone(one, other))
    return sorted(found, key=lambda one: one.outcome == "one-side")


def _by_command(replays: Sequence[Replay]) -> dict[tuple[str, ...], list[Replay]]:
    """Replays by command, without the interpreter's folder and version, which differ between machines."""
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
        reason += "; the commits of the program differ or are not known"
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
        return (
            "unstable",
            f"its runs are not identical on each side ({', '.join(unstable)}), so A and B cannot be compared",
        )
    if outputs:
        return "differs", f"outputs differ: {', '.join(outputs)}"
    return ("same-bits", SAME) if equal else ("cannot-tell", LOOK)


def _outputs(one: Replay, other: Replay) -> Iterator[str]:
    if {*one.exit_codes} != {*other.exit_codes}:
        yield "exit codes"
    if one.stdout_sha256 != other.stdout_sha256:
        yield "stdout"
    yield from (path for path in sorted({*one.files, *other.files}) if one.files.get(path) != other.files.get(path))
