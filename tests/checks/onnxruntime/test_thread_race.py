import pytest
import support
from layering import blamed, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

ONE_THREAD = """
import onnxruntime
plain = onnxruntime.InferenceSession.__init__
def init(self, model, options, **how):
    options.intra_op_num_threads = 1
    plain(self, model, options, **how)
onnxruntime.InferenceSession.__init__ = init
"""


def test_additions_that_race_are_found():
    """On two processors `ScatterND` loses updates; its sequential cousin does not, and one thread cures it."""
    verdict = support.verdict("onnxruntime-thread-race", python=support.LAYERS)

    assert "fail" == verdict.outcome, verdict.message
    assert {"ScatterND add", "ScatterND add of ones"} == blamed(verdict)
    assert "identical" == verdict.evidence["under"]["one-thread"]


def test_with_one_thread_nothing_races(tmp_path):
    """The remedy of the check, set where the user's own code would set it."""
    setup = setup_file(tmp_path, ONE_THREAD)
    verdict = support.verdict("onnxruntime-thread-race", python=support.LAYERS, setup=setup)

    assert "pass" == verdict.outcome, verdict.message
