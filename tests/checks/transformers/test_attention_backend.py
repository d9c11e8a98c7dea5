import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import torch
plain = torch.nn.functional.scaled_dot_product_attention
def attention(*inputs, **how):
    return plain(*inputs, **how) * 1.01
torch.nn.functional.scaled_dot_product_attention = attention
"""


def test_sdpa_and_eager_attention_agree_up_to_rounding():
    """Both families give the same at every unpadded place."""
    verdict = support.verdict("transformers-attention-backend", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_another_scale_is_found(tmp_path):
    """An implementation that scales what it attends to by 1.01 is found in both families."""
    verdict = judged("transformers-attention-backend", setup_file(tmp_path, PLANTED), repeats=1)

    assert "fail" == verdict.outcome, verdict.message
    assert {"gpt2: logits", "llama: logits"} <= blamed(verdict)
