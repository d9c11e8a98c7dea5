"""
No operation returns memory that it did not write.

Why: an operation that reads a buffer before writing it gives numbers that depend on what the memory held: right today,
NaN tomorrow. XLA on CPUs did so (jax#39120: padding read back as garbage under jit; jax#9651). The check compiles every
operation separately, because a program of several operations shares temporary memory between them, which would hold the
same bytes in every run. A custom call that writes nothing shows that the fill reaches XLA's buffers (small, large,
recycled and temporary ones). Where the fill does not reach them, as on a GPU, the check is inconclusive.

Remedy: compute the operation that the finding names another way, or outside of `jax.jit`, until an update of jaxlib
cures it.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from ..lacking import Lacking
from . import _operations, _state, _unwritten

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("repeat", "process", "memory-fill"),
    compiles=True,
)


def measure(settings):
    """The digest of every operation's results, and the contents of XLA's unwritten buffers in this process."""
    lacking, reading = Lacking(), {}
    with _state.seeded(0):
        for name, (run, inputs) in _operations.compiled().items():
            with lacking.case(name):
                reading[name] = digest(run(*inputs))
    return dict(reading, conditions=dict(lacking.conditions, canary=_unwritten.canaries()))
