import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import pickle
plain = pickle.load
def load(handle):
    found = plain(handle)
    return dict(found, key=0 * found["key"]) if "moments" in found else found
pickle.load = load
"""


def test_training_resumes_in_a_fresh_process():
    """Everything that training depends on comes back with the same bits."""
    verdict = support.verdict("haiku-resume", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_a_lost_random_stream_is_found(tmp_path):
    """Where the stream does not come back, dropout draws other masks, and the training is another one."""
    verdict = judged("haiku-resume", setup_file(tmp_path, PLANTED), repeats=1)

    assert "fail" == verdict.outcome
    assert {"losses", "parameters", "key"} <= blamed(verdict)
