import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import torch
def compile(model, **options):
    def run(**inputs):
        result = model(**inputs)
        result.loss = result.loss * 1.001
        return result
    return run
torch.compile = compile
"""


def test_compiled_and_eager_agree_up_to_rounding():
    """The real compiler changes nothing but the last bits."""
    verdict = support.verdict("transformers-compiled-eager", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_a_loss_off_by_a_thousandth_is_found(tmp_path):
    """A compiled loss that is scaled by 1.001 is more than rounding, in the loss and the gradients."""
    verdict = judged("transformers-compiled-eager", setup_file(tmp_path, PLANTED), repeats=1)

    assert "fail" == verdict.outcome, verdict.message
    assert {"loss", "gradient transformer.wte.weight"} <= blamed(verdict)
