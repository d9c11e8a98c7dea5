"""
The determinism switch does not make results wrong.

Why: a deterministic algorithm is another algorithm, rarely run and less tested: in JAX the switch turned an indexed
write into [0 2 0 0] (jax#27796). With `tf.config.experimental.enable_op_determinism()`, the check computes sums,
scatters, updates of variables, gradients of gathers, convolutions and pools of small integers, op by op and compiled.
The answers are exact in any order and come from NumPy. An operator that refuses also keeps the promise.

Remedy: under the switch, do not use the named operator. Or run it without the switch on one thread
(`tf.config.threading.set_intra_op_parallelism_threads(1)`), and report it to TensorFlow with both numbers.
"""

from __future__ import annotations

from ..declare import Check
from . import _known_answers

CHECK = Check(tier="full", rule="expected", isolates=True)
RIGHT = "right"


def measure(settings):
    """For each problem `right` (also for a refusal), or the first wrong number."""
    import tensorflow as tf

    tf.keras.utils.set_random_seed(27796)
    tf.config.experimental.enable_op_determinism()
    problems = _known_answers.problems()
    return {name: {"expected": RIGHT, "observed": _told(tf, *problem)} for name, problem in problems.items()}


def _told(tf, compute, answer):
    import numpy

    try:
        found = numpy.asarray(compute())
    except tf.errors.UnimplementedError:
        return RIGHT
    if found.shape != answer.shape:
        return "shape %s" % (found.shape,)
    wrong = numpy.argwhere(~(found == answer))
    if not len(wrong):
        return RIGHT
    place = tuple(wrong[0].tolist())
    return "%d wrong, the first at %s: %g, not %g" % (len(wrong), place, found[place], answer[place])
