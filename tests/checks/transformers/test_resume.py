import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import torch
plain = torch.load
def load(*inputs, **how):
    return dict(plain(*inputs, **how), torch=torch.get_rng_state())
torch.load = load
"""


def test_training_resumes_in_a_fresh_process():
    """Model, optimizer, schedule and generator come back with the same bits."""
    verdict = support.verdict("transformers-resume", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_a_lost_generator_is_found(tmp_path):
    """A resumed run whose generator starts anew draws other masks; the schedule is not blamed."""
    verdict = judged("transformers-resume", setup_file(tmp_path, PLANTED), repeats=1)

    assert "fail" == verdict.outcome, verdict.message
    assert {"losses", "weights", "generator"} <= blamed(verdict)
    assert "learning rate" not in blamed(verdict)
