"""
Each raw operator agrees, up to rounding, in `tf.function`, under XLA, and alone or in a batch.

Why: a compiler replaces an operator's kernel by its own, and a batch chooses another kernel or another split of a sum.
This may change rounding but must not change the result otherwise (tensorflow#117142: a negative absolute value of a
product; #120996; jax#8022: 1 against 0). For each operator with known inputs, the check computes one sample eagerly and
compiled and compares both with float64. For operators that work row by row, it compares a batch with its rows one by
one. It leaves out operators that draw, because XLA uses another generator, and factorisations whose signs are
arbitrary. The full tier takes one operator in three; `--all`, or the check's name, takes all.

Remedy: replace the operator that the finding names, or run it outside of the path that the finding names (`function`,
`xla`, `batch`). Report it to TensorFlow with the call.
"""

from __future__ import annotations

from ..declare import Check
from . import _raw, _raw_compiled, _raw_ways, _raw_worker, _state

CHECK = Check(
    tier="full",
    rule="within",
    isolates=True,
)
LIMIT_SECONDS = 60.0
"""A compiler without an answer for this long hangs: the longest compilation takes 2 s."""


def measure(settings):
    """Agreement of one sample of each operator: `function:`, `xla:` and `batch:` against eager."""
    import tensorflow as tf

    wanted = {name.partition(":")[2].partition(" #")[0] for name in settings.get("names", ())}
    known = _raw.seeds()["operators"]
    items = sorted(_raw_ways.cases(_raw.part_of(known, settings.get("part")), wanted).items())

    def work(item):
        with tf.device("/CPU:0"):
            return _raw_compiled.readings(tf, *item)

    reading, refused = {}, []
    with _state.seeded(117142):
        # As in every_operator.py: forked workers, unless a set-up file has started the runtime already.
        alive = _state.initialised()
        answers = map(work, items) if alive else _raw_worker.survive(items, work, LIMIT_SECONDS)
        for (key, _), answer in zip(items, answers):
            if isinstance(answer, str):
                reading["xla:" + key] = {"died": answer}  # `within` judges it as a difference beyond rounding
                continue
            reading.update(answer["readings"])
            refused += answer["refused"]
    counts = {"cells": len(items), "of": len(_raw_ways.cases(known))}
    return dict(reading, conditions={"not compiled": sorted(refused), **counts})
