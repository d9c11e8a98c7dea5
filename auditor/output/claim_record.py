"""A judged claim as a manifest holds it, and what a claim of a manifest asks for when it is judged again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..claim.asked import Asked, checked_seeds
from ..claim.reported import Kind, stated
from ..claim.rule import expected_interval
from ..errors import ManifestError, UsageError
from ..manifest.models import Claim
from ..quoting.inert import shortened, visible

SEED_ARGUMENT = re.compile(r"-{0,2}[A-Za-z][A-Za-z0-9_.-]{0,63}[= ]?\{\}", re.ASCII)
"""
An argument of a manifest that is added to a reviewer's command: a name and a seed, which is an integer. Others could
mean anything to that command.
"""
MOST_REPORTED_RUNS = 1_000_000
ASK = "Ask the author for one that `auditor claim --output FOLDER` wrote, or state the claim yourself (--reported)."


def record(
    asked: Asked,
    command: Sequence[str],
    values: Sequence[float],
    notes: Sequence[str] = (),
    *,
    again_of: str = "",
) -> Claim:
    """The verdict on these values, with its figures as hexadecimal text. Raises UsageError for a value that is none."""
    found = asked.judge(values)
    expected = None if asked.same_seeds else expected_interval(asked.stated, values)
    few = found.verdict == "too-few-runs"
    return Claim(
        verdict=found.verdict,
        metric=asked.metric,
        reported=asked.reported,
        spread=asked.kind or "",
        reported_runs=asked.stated.runs,
        rule="same-seeds" if asked.same_seeds else "other-seeds",
        seeds=[*asked.seeds],
        seed_argument=asked.seed_argument,
        command=[*command],
        values=[value.hex() for value in values],
        mean=found.mean.hex(),
        own_spread=_hex(found.spread),
        differs=[*found.differs],
        divisor=found.divisor,
        low=_hex(found.low),
        high=_hex(found.high),
        power=_hex(found.power),
        visible=_hex(expected.visible if expected and found.low is not None else None),
        needed=expected.needed if expected and few and not found.alike else None,
        alike=found.alike,
        notes=[*notes],
        again_of=again_of,
    )


def with_traces(claim: Claim, digests: Mapping[str, str]) -> Claim:
    """The claim with the traces of its runs."""
    return claim.model_copy(update={"traces": dict(digests)})


def _hex(value: float | None) -> str:
    return "" if value is None else value.hex()


def again(claims: Sequence[Claim], seed_argument: str) -> Asked:
    """
    What the only claim of a manifest asks for; `seed_argument` is the reviewer's, empty for the manifest's.

    Everything in it is a stranger's. Raises ManifestError for none, several or an invalid claim, UsageError where the
    reviewer must say how his command takes a seed.
    """
    if len(claims) != 1:
        held = f"{len(claims)} claims, and one is judged at a time" if claims else "no claim"
        raise ManifestError(
            f"the manifest holds {held}", "Nothing was run. Name one that `auditor claim --output FOLDER` wrote."
        )
    one = claims[0]
    if not (1 <= one.reported_runs <= MOST_REPORTED_RUNS):
        raise ManifestError(f"the claim has {one.reported_runs} reported runs", "Nothing was run.")
    kind: Kind | None = one.spread or None
    try:
        seeds = checked_seeds(one.seeds)
        told = stated(one.reported, kind, one.reported_runs)
    except UsageError as problem:
        raise ManifestError(
            f"the manifest's claim is invalid: {problem.message}", f"Nothing was run. {ASK}"
        ) from problem
    if not seeds or (one.rule == "same-seeds" and len(seeds) != one.reported_runs):
        raise ManifestError(
            f"the manifest's claim has {len(seeds)} seeds for {one.reported_runs} reported runs", "Nothing was run."
        )
    return Asked(
        metric=one.metric,
        reported=one.reported,
        kind=kind,
        stated=told,
        seeds=seeds,
        same_seeds=one.rule == "same-seeds",
        seed_argument=seed_argument or _harmless(one.seed_argument),
    )


def _harmless(argument: str) -> str:
    """The manifest's seed argument, if it can be nothing but a name and a number. Raises UsageError."""
    if not SEED_ARGUMENT.fullmatch(argument):
        raise UsageError(
            f"the manifest's seed argument is no plain name: {shortened(visible(argument), 80)!a}",
            "Nothing was run, since it would be added to your command. Say how your command takes a seed, for example:"
            " --seed-arg '--seed={}'.",
        )
    return argument
