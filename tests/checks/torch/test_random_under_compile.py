import pytest
import support
from planting import setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


@pytest.mark.exhaustive
def test_independent_dropouts_swap_their_masks_with_fallback_random():
    """On torch 2.13 the reordering for memory is all that moves draws away from eager's (pytorch#192635)."""
    verdict = support.verdict("torch-random-under-compile")

    assert "fail" == verdict.outcome
    assert {
        "fallback_random dropout in a branch: as eager",
        "fallback_random checkpointed dropout in a branch: as eager",
    } == set(verdict.evidence["broken"])


def test_without_the_reordering_every_promise_holds(tmp_path):
    """The remedy's line cures it: compiled, vectorised and transformed draws are all as promised."""
    setup = setup_file(
        tmp_path, "import torch._inductor.config\ntorch._inductor.config.reorder_for_peak_memory = False\n"
    )

    verdict = support.verdict("torch-random-under-compile", setup=setup)

    assert "pass" == verdict.outcome


def test_compiled_draws_that_follow_no_seed_and_a_wrong_mask_are_found(tmp_path):
    """A compiler that draws from the system, and one whose backward run drops nothing; `vmap` with alike rows."""
    setup = setup_file(
        tmp_path,
        """
        import os
        def compile(step, **options):
            def call(given):
                found = step(given)
                if "dropout" in found:
                    found["rand"] = found["rand"] + os.urandom(1)[0] + os.urandom(1)[0] / 256
                    found["dropout"] = found["dropout"].detach() + given - given.detach()
                return found
            return call
        torch.compile = compile
        plain = torch.func.vmap
        torch.func.vmap = lambda draw, randomness: plain(draw, randomness=randomness.replace("different", "same"))
        """,
    )

    verdict = support.verdict("torch-random-under-compile", setup=setup)

    broken = set(verdict.evidence["broken"])
    assert "fail" == verdict.outcome
    assert {
        "compiled rand: the same seed again",
        "fallback_random rand: as eager",
        "compiled dropout: the backward mask",
        "vmap different dropout: rows",
    } <= broken
    assert not {"compiled randn: the same seed again", "vmap same dropout: all rows"} & broken
