"""
Every operator of PyTorch's test catalogue repeats its bits: again, in a fresh process, and whatever fresh memory holds.

Why: a model repeats only if its operators do, and torch has no complete list of those that do not: its tags and its
page on determinism miss most (pytorch#82004, pytorch#101246, pytorch#170274). The check runs all samples of torch's own
test catalogue (`op_db`, 702 entries) forward and backward on cloned inputs, in float32 and one more dtype, seeded
before each sample. It compares a result only where the inputs have equal bits. Processes whose fresh memory holds 0xAA,
0x55 and zeros reveal results that were never written. All runs use one thread: torch-every-operator-threads covers what
the number of threads changes, and torch-thread-race covers the sizes at which operators race. The full tier takes one
operator in three; `--all`, or the check's name, takes all.

Remedy: avoid the operator, or the case that the finding names with its shapes. For `linalg.lstsq`, pass `driver="gels"`
or `"gelsd"`. Try another version of torch. Where the finding says that the determinism switch cures it, call
`torch.use_deterministic_algorithms(True)`.
"""

from __future__ import annotations

import contextlib

from ..declare import Check
from . import _documented, _opdb, _opdb_run, _opdb_samples, _state, uninitialised

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "memory-fill"),
    needs=("numpy",),
    repeats=3,
    cure="framework-switch",
    documented=_documented.REPEATING,
    under={"hash-seed": "0"},
)


def measure(settings):
    """The table of operators: each case's digests, the digest of its inputs, and the conditions."""
    names, canary = settings.get("names", ()), {}
    table = {"operators": {}, "inputs": {}, **({"shapes": {}} if names else {})}
    with _state.seeded(_opdb_samples.SEED), _opdb.environment_kept(), _opdb.one_thread(), _memory(settings):
        for prefix, device in _state.devices():
            chosen = _opdb.cases(device.type, prefix, tuple(names), settings.get("part"))
            _opdb_run.fill(table, device, chosen, before=lambda device=device: uninitialised._prime(device, settings))
            canary.update(uninitialised._canaries(prefix, device, settings))
    conditions = {
        "canary": canary,
        "entries": len(_opdb.entries()),
        "cells": len(table["operators"]),
        "of": sum(len(_opdb.cases(device.type, prefix)) for prefix, device in _state.devices()),
        "samples": sum(text.count(".") + 1 for text in table["operators"].values()),
        "tagged": _documented.tagged(_opdb.labelled()),
        **({"shapes": table["shapes"]} if names else {}),
    }
    return {"operators": table["operators"], "inputs": table["inputs"], "conditions": conditions}


def _memory(settings):
    """Turn torch's own fill off, except where its switch is measured: it would hide the process's fill."""
    return contextlib.nullcontext() if "framework-switch" in settings else uninitialised._unfilled()
