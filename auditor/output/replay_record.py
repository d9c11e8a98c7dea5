"""A replay's result as a manifest holds it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from ..manifest.models import Differing, Left, Replay, Varied
from ..quoting.inert import shortened
from ..replay.model import DifferingText, Result, Sensitivity
from ..replay.runs.run import Run as Experiment

MOST_DIFFERENCES = 20
"""Differing places that a manifest holds; each output has one."""


def record(command: Sequence[str], runs: Sequence[Experiment], result: Result, digests: dict[str, str]) -> Replay:
    """The replay, with texts cut, floats as hexadecimal text, and the traces by digest."""
    bound = result.confidence.rate_bound_95
    first = runs[0]
    return Replay(
        verdict=result.verdict,
        command=list(command),
        partial=result.partial_why or "",
        runs=result.runs,
        operations=result.ops,
        rate_bound_95="" if bound is None else round(bound, 4).hex(),
        exit_codes=result.exit_codes,
        stdout_sha256=first.stdout.sha256,
        files={one.path: one.sha256 for one in first.files if one.named},
        traces=digests,
        divergence=_plain(result.divergence.model_dump(mode="json")) if result.divergence else {},
        differences=_differences(result),
        sensitivity=[_varied(one) for one in result.sensitivity],
        not_compared=[Left(what=one.what, why=one.why) for one in result.not_compared],
        operations_equal=result.operations_equal,
        remedy=_plain(result.remedy.model_dump(mode="json")) if result.remedy else {},
        problems=result.problems,
    )


def _differences(result: Result) -> list[Differing]:
    """The places that differ, then differing lines of outputs that have none; cut to what a reader looks at."""
    told = [Differing(**_cut(one.model_dump())) for one in result.differences]
    known = {one.where for one in told}
    told += [
        Differing(where=line.stream, place=f"line {line.line}", kind=line.kind, **_cut(_texts(line)))
        for line in (*result.texts, *result.only_times)
        if line.stream not in known
    ]
    return told[:MOST_DIFFERENCES]


def _texts(line: DifferingText) -> dict[str, str]:
    return {"first": line.first, "second": line.second}


def _cut(texts: Mapping[str, str]) -> dict[str, Any]:
    return {name: shortened(value) for name, value in texts.items()}


def _varied(one: Sensitivity) -> Varied:
    told, largest = one.model_dump(exclude={"relative_difference"}), one.relative_difference
    return Varied(**told, relative_difference="" if largest is None or not math.isfinite(largest) else largest.hex())


def _plain(document: dict[str, Any]) -> dict[str, JsonValue]:
    """The document with floats as hexadecimal text and without integers that JSON readers would round."""
    found: dict[str, JsonValue] = json.loads(json.dumps(document), parse_float=lambda text: float(text).hex())
    largest = found.get("max_ulp")
    return {**found, "max_ulp": str(largest)} if isinstance(largest, int) else found
