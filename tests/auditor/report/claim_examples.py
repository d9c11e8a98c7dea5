"""Manifests with claims, for the formats that speak of them."""

from __future__ import annotations

import examples

from auditor.claim.asked import asked
from auditor.manifest.models import Claim, Manifest
from auditor.output.claim_record import record, with_traces

FIVE = [0.911, 0.915, 0.909, 0.917, 0.913]
COMMAND = ["python", "eval.py", "--data", "test_set"]


def claim(reported="0.913 ± 0.0032", values=FIVE, runs=None, seeds="0,1,2,3,4", kind="sd", **more) -> Claim:
    """A claim that was judged; with `seeds` of the paper, or `runs` behind the reported number."""
    what = asked(
        metric="accuracy=([0-9.]+)",
        reported=reported,
        kind=kind,
        reported_runs=runs,
        seeds=0 if seeds else len(values),
        seed_values=seeds,
        seed_argument="--seed={}",
    )
    return record(what, COMMAND, values, **more)


CONFIRMED = with_traces(claim(), {"run-1.trace": "ab" * 32})
SHIFTED = claim("0.923 ± 0.0032", runs=20, seeds="")
TOO_FEW = claim("0.913 ± 0.0032", runs=5, seeds="", notes=["the working folder is not a git checkout"])


def manifest(*claims: Claim, replays=(), **changed) -> Manifest:
    """The example of an audit with these claims."""
    made = examples.manifest(*replays, **changed)
    return made.model_copy(update={"predicate": made.predicate.model_copy(update={"claims": [*claims]})})
