import pytest
import support
from layering import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import os, onnxruntime
plain = onnxruntime.InferenceSession.run
def run(self, *inputs):
    options = self.get_session_options()
    factor = 1.001 if options.intra_op_num_threads == 1 else 1
    return [array * array.dtype.type(factor) for array in plain(self, *inputs)]
onnxruntime.InferenceSession.run = run
"""


def test_one_thread_and_many_are_compared():
    """Nobody promises equal bits, so that what moves is recorded."""
    verdict = support.verdict("onnxruntime-thread-count", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_what_moves_with_the_thread_count_is_recorded(tmp_path):
    """Results that one thread scales are named, and are no failure."""
    setup = setup_file(tmp_path, PLANTED)
    verdict = support.verdict("onnxruntime-thread-count", python=support.LAYERS, setup=setup)

    assert "pass" == verdict.outcome
    assert {"matmul", "sum", "classes"} <= set(verdict.evidence["factors"]["threads"])
