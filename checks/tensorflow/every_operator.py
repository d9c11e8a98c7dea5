"""
Each raw operator of TensorFlow repeats its bits: again, in a fresh process, and whatever fresh memory holds.

Why: TensorFlow documents a few operators as nondeterministic. Nobody lists those that read unwritten memory, race at
odd sizes, or draw without a seed (tensorflow#126812, PR#126444, #38197). The check calls every operator of `tf.raw_ops`
that takes and gives numbers, has a CPU kernel and for which a search found inputs: in each dtype, at usual and odd
sizes, and with an empty side, where kernels return early. Operators that draw have seeds. The calls run in forked
workers, so a call that crashes its process costs no other result. Differences under another number of threads are only
recorded, because nobody promises otherwise. The full tier takes one operator in three; `--all`, or the check's name,
takes all.

Remedy: do not use the named operator with the named dtype and shape (`auditor explain tensorflow-uninitialised` tells
how for the known ones). Or call `tf.config.experimental.enable_op_determinism()`. Report it to TensorFlow with the
call.
"""

from __future__ import annotations

from ..declare import Check
from . import _documented, _raw, _raw_canary, _raw_worker, _state

CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat", "process", "memory-fill", "threads"),
    isolates=True,
    together="tensorflow-every",
    cure="framework-switch",
    documented=_documented.OPERATORS,
)
LIMIT_SECONDS = 30.0
"""A call without an answer for this long hangs: the longest takes 0.1 s, the runtime's start 1 s."""


def measure(settings):
    """`operators`: "operator dtype" to the digests of its samples; `inputs`: to the digest of its inputs."""
    import tensorflow as tf

    known = _raw.seeds()["operators"]
    cases = _raw.cases(_raw.part_of(known, settings.get("part")), settings.get("names"))
    calls = [(key, sample) for key in cases for sample in cases[key]]
    with _state.seeded(38197):
        answers = _answers(tf, [None, *calls])
        canary = next(answers)
        digests = {}
        for (key, _), answer in zip(calls, answers):
            digests.setdefault(key, []).append(answer)
    counts = {"cells": len(cases), "of": sum(len(entry["dtypes"]) for entry in known.values())}
    conditions = {"canary": canary, "threads": _state.threads(), **counts}
    if settings.get("names"):
        conditions["shapes"] = {key: [_raw.shapes(sample) for sample in cases[key]] for key in cases}
    return {
        "operators": {key: ".".join(members) for key, members in digests.items()},
        "inputs": {key: _raw.digest_of_inputs(tf, samples) for key, samples in cases.items()},
        "conditions": conditions,
    }


def _answers(tf, items):
    """
    The answer for each item, from forked workers.

    A set-up file may have started TensorFlow's runtime, whose threads a fork does not copy: then without workers, and
    without protection from crashes.
    """

    def work(item):
        with tf.device("/CPU:0"):
            return _raw_canary.canaries(tf) if item is None else _call(tf, *item)

    return map(work, items) if _state.initialised() else _raw_worker.survive(items, work, LIMIT_SECONDS)


def _call(tf, key, sample):
    try:
        return _raw.digest(_raw.call(tf, key.split(" ")[0], sample))
    except Exception as problem:  # this release refuses the call: a value like any other
        return "!" + type(problem).__name__
