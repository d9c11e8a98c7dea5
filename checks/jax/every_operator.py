"""
Each primitive in JAX's test harnesses repeats its bits: again, in a fresh process, and under every memory fill.

Why: a primitive that reads unwritten memory, or whose threads race, is found only by running it, and JAX's tests run
each once and compare with a tolerance (jax#39120, jax#9651: padding read back as garbage; jax#39741: one compiled
module, other results from call to call). The check compiles all 132 primitives, each in at most eight cases over its
dtypes, and runs each ten times at a time on the same inputs in every process. It records what changes with the number
of threads. The full tier takes one primitive in three; `--all`, or the check's name, takes all.

Remedy: compute what the finding names (primitive, dtype and case) another way until an update of jaxlib cures it. For
scatters with repeated indices, whose order JAX leaves open, sort by index and use `jax.ops.segment_sum`, or make the
indices unique.
"""

from __future__ import annotations

from .. import sampled
from ..declare import Check
from . import _documented, _harness, _unwritten

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "memory-fill", "threads"),
    compiles=True,
    documented=_documented.RUN_TO_RUN,
)


def measure(settings):
    """The table of operators with the digests of their inputs; with names given, also the case of each sample."""
    everything, asked = settings.get("all") == "1", settings.get("names")
    whole = _harness.cases(everything)
    table = {name: whole[name] for name in asked if name in whole} if asked else _part(whole, settings.get("part"))
    operators, inputs, shapes = {}, {}, {}
    for name, members in _harness.widths(table):
        given = [_harness.arguments(harness) for harness in members]
        inputs[name] = _harness.short(given)
        results = [_harness.outcomes(_harness.compiled(harness), given[n]) for n, harness in enumerate(members)]
        operators[name] = ".".join(results)
        shapes[name] = [_harness.shape_text(harness, given[n]) for n, harness in enumerate(members)]
    counts = {"cells": len(operators), "of": len(whole), "cases": sum(map(len, table.values()))}
    conditions = {"canary": _unwritten.canaries(), **counts}
    if asked:
        conditions["shapes"] = shapes
    return {"operators": operators, "inputs": inputs, "conditions": conditions}


def _part(table, part):
    """Every entry of one primitive in three in the full tier; else all."""
    return {name: members for name, members in table.items() if sampled.taken(name.rpartition(" ")[0], part)}
