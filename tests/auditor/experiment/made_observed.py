"""Signatures, answers and findings for tests of an experiment, without any process."""

from auditor.experiment.outcome import Measured, Measurement
from auditor.experiment.tables import Place, Signature
from auditor.manifest.models import Finding


def tensor(*shape, dtype="float32"):
    """The description of a contiguous tensor."""
    strides, step = [], 1
    for side in reversed(shape):
        strides.insert(0, step)
        step *= side
    return {"tensor": dtype, "shape": [*shape], "strides": strides, "device": "cpu"}


def signature(operator="aten::mul.Tensor", *arguments, line=41, calls=3, backward=False, threads=2, interior=False):
    """A signature that `train.py` calls."""
    place = Place("/home/me/train.py", line, "head", backward, calls)
    given = list(arguments) or [tensor(4, 3), tensor(4, 3)]
    settings = {"mode": "grad", "threads": threads, "deterministic": False}
    return Signature(operator, [given, {}], settings, interior, calls, [place], [])


def measured(one, outcome="repeats", **fields):
    """What was measured of a signature."""
    return Measured(one, outcome, **fields)


def measurement(*found):
    """A measurement that left nothing out."""
    return Measurement([*found])


def defect(check, **evidence):
    """A failed finding of a release."""
    return Finding(
        check=check,
        framework="torch",
        outcome="fail",
        severity="high",
        kind="release",
        title="A claim.",
        message="it differs",
        evidence=evidence,
    )
