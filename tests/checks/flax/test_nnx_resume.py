import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
from flax import serialization
plain = serialization.from_bytes
def from_bytes(target, data):
    return [0 * array if str(array.dtype) == "uint32" else array for array in plain(target, data)]
serialization.from_bytes = from_bytes
"""


def test_training_resumes_in_a_fresh_process():
    """Everything that training depends on comes back with the same bits."""
    verdict = support.verdict("flax-nnx-resume", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_a_lost_random_stream_is_found(tmp_path):
    """Where the stream does not come back, dropout draws other masks, and the training is another one."""
    verdict = judged("flax-nnx-resume", setup_file(tmp_path, PLANTED), repeats=1)

    assert "fail" == verdict.outcome
    assert {"losses", "parameters", "random streams"} <= blamed(verdict)
