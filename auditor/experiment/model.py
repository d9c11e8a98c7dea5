"""The part of the manifest about a program: what was run, what was seen, what was measured."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from ..manifest.models import Experiment
from .outcome import Measured, Measurement
from .run import Recorded
from .seeds import seedings
from .tables import Signature

MOST_DIGESTS = 3000
"""Measured signatures whose digests enter the manifest; the table of a process holds no more."""


def of_program(recorded: Recorded, measurement: Measurement, operators: bytes) -> Experiment:
    """What is known of a program that was run."""
    return Experiment(
        command=[*recorded.command],
        exit_code=recorded.exit_code,
        ended=recorded.ended,
        seconds=round(recorded.seconds),
        steps=recorded.observed.steps,
        processes=len(recorded.observed.tables),
        operations=recorded.observed.operations,
        signatures=sum(not one.is_part for one in recorded.observed.signatures),
        unseen=[*recorded.unseen],
        seeds=seedings(recorded.observed.tables),
        operators_sha256=hashlib.sha256(operators).hexdigest(),
        **_measured(measurement),
    )


def of_file(signatures: Sequence[Signature], measurement: Measurement, operators: bytes) -> Experiment:
    """What is known of another machine's program, by its operators alone."""
    return Experiment(
        command=[],
        ended="not-run",
        operations=sum(one.calls for one in signatures),
        signatures=sum(not one.is_part for one in signatures),
        operators_sha256=hashlib.sha256(operators).hexdigest(),
        **_measured(measurement),
    )


def _measured(measurement: Measurement) -> Mapping[str, dict[str, JsonValue]]:
    measured: dict[str, JsonValue] = {one.signature.id: _digests(one) for one in measurement.measured[:MOST_DIGESTS]}
    return {"measured": measured, "left_out": {**measurement.left_out}}


def _digests(one: Measured) -> dict[str, JsonValue]:
    place = one.signature.first
    return {
        "operator": one.signature.operator,
        "where": place.text,
        "outcome": one.outcome,
        "inputs": one.inputs,
        "outputs": one.outputs,
        "oneThread": one.one_thread,
    }


def without_names(experiment: Experiment) -> Experiment:
    """The experiment without its command and without files, which can name an author."""
    seeds = [
        one.model_copy(update={"file": "", "line": 0, "seeded_at": "a line" * bool(one.seeded_at)})
        for one in experiment.seeds
    ]
    unseen = [one.partition(": ")[2] or one if "(process " in one else one for one in experiment.unseen]
    return experiment.model_copy(update={"command": ["anonymous"], "seeds": seeds, "unseen": unseen})
