import pytest
from once import judged
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_flash_attention_on_the_cpu_agrees_with_the_formula():
    """Result and gradients of each offered backend differ by rounding, plain and causal, in both dtypes."""
    verdict = judged("torch-attention-backend")

    assert "pass" == verdict.outcome
    assert {"output, float32/flash", "gradient of queries, bfloat16 causal/flash"} <= set(verdict.evidence["classes"])


def test_a_backend_with_another_mask_is_wrong(tmp_path):
    """A flash backend that ignores the causal mask fails in the causal cases alone, in float32 and bfloat16."""
    setup = setup_file(
        tmp_path,
        """
        real = torch.nn.functional.scaled_dot_product_attention
        def attention(*inputs, is_causal):
            return real(*inputs, is_causal=is_causal and torch.backends.cuda.math_sdp_enabled())
        torch.nn.functional.scaled_dot_product_attention = attention
        """,
    )

    verdict = judged("torch-attention-backend", setup)

    beyond = {name for name, kind in verdict.evidence["classes"].items() if kind == "beyond"}
    assert ("fail", "wrong") == (verdict.outcome, verdict.evidence["class"])
    assert {"output, float32 causal/flash", "output, bfloat16 causal/flash"} <= beyond
    assert not {name for name in beyond if "causal" not in name}
