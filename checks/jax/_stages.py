"""The stages of one compilation, as texts without addresses and source locations."""

from __future__ import annotations

import re

from ..fingerprint import digest

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
METADATA = re.compile(r", metadata=\{[^{}]*\}")
TABLES = re.compile(r"^(?:FileNames|FunctionNames|FileLocations|StackFrames|\d+ [\"{].*)\n", re.MULTILINE)
"""Tables of source locations. Their order, and thus the numbers in the metadata, differs between processes."""


def stages(run, inputs, calls):
    """Name and digest of `run` traced, lowered and optimised, and of the results of that many calls."""
    import jax

    traced = jax.jit(run).trace(*inputs)
    lowered = traced.lower()
    compiled = lowered.compile()
    results = [jax.tree.leaves(compiled(*inputs)) for _ in range(calls)]
    return [
        ["traced", digest(ADDRESS.sub("", str(traced.jaxpr)), list(traced.jaxpr.consts))],
        ["lowered", digest(lowered.as_text())],  # without debug information, which holds source locations
        ["optimised", digest(optimised(compiled.as_text()))],
        ["result", digest(results)],
    ]


def optimised(text):
    """The optimised program (HLO) without source locations."""
    return TABLES.sub("", METADATA.sub("", text))
