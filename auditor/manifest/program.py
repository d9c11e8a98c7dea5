"""Words about an audited program that the findings about it and their texts share."""

from __future__ import annotations

from collections.abc import Iterable

from .models import Finding

PREFIX = "experiment-"
"""Of the ids of findings about the program itself; no check of the catalogue has such an id."""
OPERATORS, SEEDS = "experiment-operators", "experiment-seeds"
SEED_LINES = {
    "python": ("import random", "random.seed(0)"),
    "numpy": ("import numpy", "numpy.random.seed(0)"),
    "torch": ("import torch", "torch.manual_seed(0)"),
    "tensorflow": ("import tensorflow", "tensorflow.random.set_seed(0)"),
}
"""A process's generator to the import and the call that seed it."""
OWN_GENERATORS = {"numpy generator": "numpy.random.default_rng(0)", "python generator": "random.Random(0)"}
"""A generator that the program makes to how it is made with a seed."""
SWITCHES = {
    "torch": ("import torch", "torch.use_deterministic_algorithms(True)"),
    "tensorflow": ("import tensorflow", "tensorflow.config.experimental.enable_op_determinism()"),
}
"""A framework to the import and the call of its determinism switch; JAX has none that can be called."""
OUTCOMES = {
    "repeats": "repeats",
    "moves-with-threads": "moves with the number of threads",
    "races": "races",
    "reads-unwritten-memory": "reads memory that nobody wrote",
    "differs-between-processes": "differs from process to process",
    "differs": "differs from call to call",
}
"""What an operator was measured to do, in words."""


def framework_of(operator: str) -> str:
    """The framework of an operator's name: `aten::add.Tensor`, `tf.MatMul`, `jax.sin`."""
    return "torch" if "::" in operator else "tensorflow" if operator.startswith("tf.") else "jax"


def switch_of(operator: str) -> tuple[str, str]:
    """The import and the call of the switch of its framework; empty if it has none."""
    return SWITCHES.get(framework_of(operator), ("", ""))


def about_program(finding: Finding) -> bool:
    """Whether a finding is about the program itself, and not about a release or a set-up."""
    return finding.check.startswith(PREFIX)


def failed_of(findings: Iterable[Finding], check: str) -> Finding | None:
    """The failed finding of this id; None if there is none."""
    return next((one for one in findings if one.check == check and one.outcome == "fail"), None)
