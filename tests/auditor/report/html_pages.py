"""Manifests for the tests of the HTML page: one with everything that a page can show, one with 700 operators."""

from __future__ import annotations

import audit_example
import claim_examples

from auditor.manifest.models import (
    Differing,
    Experiment,
    Pair,
    Reading,
    Rebuild,
    Replay,
    Seeding,
    Varied,
    payload_bytes,
)
from auditor.report.html import page
from auditor.report.source import Reported

OUTCOMES = ("repeats", "repeats", "repeats", "moves-with-threads", "races", "repeats", "reads-unwritten-memory")


def reported(manifest, *, signed=True):
    """A manifest, as a command would open it."""
    told = "signed by a trusted key" if signed else "UNSIGNED"
    return Reported(manifest, payload_bytes(manifest), signed=signed, told=told, keyid="7e" * 32 if signed else "")


def rendered(manifest, *, signed=True):
    """Its page."""
    return page.render(reported(manifest, signed=signed))


def agreement(compiled, eager=1e-7, **more):
    """One tensor's reading of a check with the rule `within`."""
    return {
        "bits_equal": compiled == eager,
        "same_shape_and_dtype": True,
        "not_finite": 0,
        "lost": 0,
        "eps": (2.0**-23).hex(),
        "reduction": 64,
        "scale": (1.0).hex(),
        "eager_error": eager.hex(),
        "compiled_error": compiled.hex(),
        "max_ulp": 3,
        **more,
    }


def replay(**changes):
    """A replay that found a race, and varied two factors."""
    fields = {
        "verdict": "diverged",
        "command": ["python", "train.py"],
        "runs": 3,
        "operations": 1000,
        "divergence": {
            "op": "aten::index_put_",
            "index": 412,
            "inputs_equal": True,
            "cause": "nondeterministic-op",
            "source": {"file": "train.py", "line": 41, "code": "hist.index_put_((rows,), ones, accumulate=True)"},
            "reaches": "print at train.py:60",
        },
        "differences": [
            Differing(where="stdout", place="line 3", kind="computed", first="loss 0.6931", second="loss 0.6930")
        ],
        "sensitivity": [
            Varied(factor="threads", value="1", innocent=False, runs=2, verdict="identical"),
            Varied(factor="hash-seed", value="1", innocent=True, runs=2, verdict="diverged", first="aten::index_put_"),
        ],
        "remedy": {"text": "Call torch.use_deterministic_algorithms(True).", "proven": True},
    }
    return Replay(**{**fields, **changes})


def rebuild():
    """An image that gives other results."""
    return Rebuild(
        verdict="not-rebuilt",
        manifest_sha256="ab" * 32,
        checks=4,
        values=9,
        software={"torch.version": Pair(manifest="2.13.0", image="2.14.1")},
    )


def experiment(operators):
    """A program that calls so many operators, with two signatures each."""
    measured = {
        f"{name}-{dtype}": {"operator": f"aten::operator_{name}", "outcome": OUTCOMES[(name + dtype) % len(OUTCOMES)]}
        for name in range(operators)
        for dtype in (0, 1)
    }
    return Experiment(
        command=["python", "train.py"],
        operations=9000,
        signatures=len(measured),
        measured=measured,
        seeds=[Seeding(generator="torch", seeded=False, draws=4, file="train.py", line=3)],
        unseen=["worker.py (process 3): it ended before its table was written"],
    )


def whole(operators=20, **changes):
    """A manifest in which every section of the page has something to show, with parts of its predicate replaced."""
    base = audit_example.manifest()
    values = {
        "gradient of conv": agreement(2e-6),
        "loss": agreement(1e-7),
        "exact": agreement(0.0, 0.0),
        "vmap": agreement(0.5),
        "odd shape": {"bits_equal": False, "same_shape_and_dtype": False},
    }
    readings = [
        Reading(check="torch-compiled-eager", process="torch-1", values={**values, "conditions": {"threads": 2}}),
        Reading(check="torch-every-operator", process="torch-2", values={"operators": _table(operators)}),
        Reading(check="torch-index-put-race", process="torch-3", values={"index_put": "ab" * 32}),
    ]
    every = audit_example.FINDINGS[1].model_copy(
        update={
            "check": "torch-every-operator",
            "evidence": {"differing": {"op_0 float32": 3}, "factors": {"memory-fill": ["op_0 float32"], "threads": []}},
        }
    )
    predicate = base.predicate.model_copy(
        update={
            "readings": [*base.predicate.readings, *readings],
            "findings": [*base.predicate.findings, every],
            "replays": [replay()],
            "claims": [claim_examples.CONFIRMED, claim_examples.TOO_FEW],
            "rebuilds": [rebuild()],
            "experiment": experiment(operators),
            **changes,
        }
    )
    return base.model_copy(update={"predicate": predicate})


def _table(operators):
    return {f"op_{name} {dtype}": "ab" * 8 for name in range(operators) for dtype in ("float32", "bfloat16")}
