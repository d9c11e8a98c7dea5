import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import os, onnxruntime
plain = onnxruntime.InferenceSession.run
def run(self, *inputs):
    options = self.get_session_options()
    factor = 1 + int.from_bytes(os.urandom(4), 'big') / 2**33
    return [array * array.dtype.type(factor) for array in plain(self, *inputs)]
onnxruntime.InferenceSession.run = run
"""


def test_results_repeat():
    """The same bits, in one session, in a new one and in a fresh process."""
    verdict = support.verdict("onnxruntime-repeat", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_results_that_move_are_found(tmp_path):
    """A session whose results move from call to call is found, in every output."""
    verdict = judged("onnxruntime-repeat", setup_file(tmp_path, PLANTED), repeats=2)

    assert "fail" == verdict.outcome, verdict.message
    assert {"classes", "scores", "total"} <= blamed(verdict)
