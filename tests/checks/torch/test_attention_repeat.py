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
    """Math and flash give the same bits in five calls, forward and backward."""
    verdict = support.verdict("torch-attention-repeat", repeats=5)

    assert "pass" == verdict.outcome
    assert 5 == verdict.evidence["readings"]


def test_a_gradient_that_changes_from_call_to_call_is_found(tmp_path):
    """Queries whose gradients follow chance move, keys and values do not, and the switch cures it."""
    setup = setup_file(
        tmp_path,
        """
        import random
        chance, real = random.SystemRandom(), torch.nn.functional.scaled_dot_product_attention
        class Racing(torch.autograd.Function):  # as by threads that add in any order, which a busy machine may not show
            @staticmethod
            def forward(context, query):
                return query.clone()
            @staticmethod
            def backward(context, gradient):
                return gradient if torch.are_deterministic_algorithms_enabled() else gradient * (1 + chance.random())
        def attention(query, *rest, **more):
            racing = query.dtype == torch.float32 and not torch.backends.cuda.math_sdp_enabled()
            return real(Racing.apply(query) if racing else query, *rest, **more)
        torch.nn.functional.scaled_dot_product_attention = attention
        """,
    )

    verdict = support.verdict("torch-attention-repeat", setup=setup, repeats=10)

    assert "fail" == verdict.outcome
    assert {"float32 flash_attention, gradient of queries"} == blamed(verdict)
    assert "identical" == verdict.evidence["under"]["framework-switch"]
