import os

import pytest
import support
from planting import blamed, setup_file

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.slow,
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="a race needs two processors"),
]


def test_attention_on_the_cpu_repeats():
    """Math and flash give the same bits in 20 calls, forward and backward."""
    verdict = support.verdict("torch-attention-repeat")

    assert "pass" == verdict.outcome
    assert 20 == verdict.evidence["readings"]


def test_a_gradient_that_is_gathered_by_racing_threads_is_found(tmp_path):
    """Queries whose gradients are added by a racing operator move, keys and values do not, and the switch cures it."""
    setup = setup_file(
        tmp_path,
        """
        real = torch.nn.functional.scaled_dot_product_attention
        places, weights = torch.randint(51_200, (300_000,)), torch.randn(300_000)
        def attention(query, *rest, **more):
            if query.dtype != torch.float32 or torch.backends.cuda.math_sdp_enabled():
                return real(query, *rest, **more)
            gathered = query.flatten()[places] * weights.to(query.dtype)
            return real(query * (1 + gathered.mean()), *rest, **more)
        torch.nn.functional.scaled_dot_product_attention = attention
        """,
    )

    verdict = support.verdict("torch-attention-repeat", setup=setup)

    assert "fail" == verdict.outcome
    assert {"float32 flash_attention, gradient of queries"} == blamed(verdict)
    assert "identical" == verdict.evidence["under"]["framework-switch"]
