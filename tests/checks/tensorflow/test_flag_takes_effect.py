"""`tensorflow-flag-takes-effect` against real TensorFlow: what holds, what does not, and a switch that does nothing."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]  # a process of TensorFlow takes 5 s to start

CHECK = "tensorflow-flag-takes-effect"
SILENT = {"unseeded draw: function traced before the switch", "unseeded draw: raw non-deterministic integers"}
RACING = {"same result: bincount with weights", "same result: sparse optimizer update"}
"""What TensorFlow 2.21 does not keep: two draws, and two races, whose threads may never meet on a busy machine."""
CURED = """
import tensorflow
raw = tensorflow.raw_ops
tensorflow.math.bincount = lambda places, weights, minlength: tensorflow.math.unsorted_segment_sum(
    weights, places, minlength
)
sparse_update = raw.ResourceSparseApplyAdagradV2
def unique_rows(grad, indices, **given):
    rows, places = tensorflow.unique(indices)
    summed = tensorflow.math.unsorted_segment_sum(grad, places, tensorflow.size(rows))
    return sparse_update(grad=summed, indices=rows, **given)
raw.ResourceSparseApplyAdagradV2 = unique_rows
def refuse(**_):
    raise ValueError("refused")
raw.NonDeterministicInts = refuse
enable = tensorflow.config.experimental.enable_op_determinism
enable()
"""
NOTHING = """
import random
import tensorflow
from _auditor_checks.tensorflow import _promises
tensorflow.config.experimental.enable_op_determinism = lambda: None
tensorflow.config.threading.set_intra_op_parallelism_threads = lambda count: None
# a sum and rows that follow chance, as those of threads that meet in any order do
chance, segments = random.SystemRandom(), tensorflow.math.unsorted_segment_sum
tensorflow.math.unsorted_segment_sum = lambda *given: segments(*given) + chance.random()
_promises._uneven = lambda tf, row: tf.cast(tf.raw_ops.NonDeterministicInts(shape=[]), tf.float32)
"""


def test_this_release_keeps_all_promises_but_four():
    """Thread counts, refusals, pipelines and most operators hold; two draws stay silent, and two operators may race."""
    answer = support.verdict(CHECK)
    broken = set(answer.evidence["broken"])

    assert answer.outcome == "fail"
    assert "threads: as many as asked for" in answer.evidence["held"]
    assert SILENT <= broken <= SILENT | RACING


def test_the_remedy_of_the_docstring_cures_it(tmp_path):
    """Switched on before anything is traced, with the named operators replaced, every promise holds."""
    setup = tmp_path / "cured.py"
    setup.write_text(CURED)

    answer = support.verdict(CHECK, setup=str(setup))

    assert answer.outcome == "pass", answer


def test_a_switch_that_does_nothing_is_caught(tmp_path):
    """Planted: the switch and the intra-op setting return at once; draws, rows, a sum and threads tell."""
    setup = tmp_path / "planted.py"
    setup.write_text(NOTHING)

    wanted = SILENT | {
        "threads: as many as asked for",
        "threads: a change after the start",
        "switch: reads on",
        "switch: still on after the work",
        "unseeded draw: eager",
        "unseeded draw: dataset shuffle",
        "same result: unsorted_segment_sum",
        "same rows: parallel map that draws",
        "same rows: pipeline built before the switch",
    }

    assert wanted <= set(support.verdict(CHECK, setup=str(setup)).evidence["broken"])
