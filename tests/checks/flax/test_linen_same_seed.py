import pytest
import support
from layering import JAX_STEPS_DRAW_FROM_THE_SYSTEM, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_seeded_training_repeats():
    """The run gives the same bits again, in a fresh process, and in a perturbed one."""
    verdict = support.verdict("flax-linen-same-seed", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_training_that_draws_from_the_system_is_found(tmp_path):
    """Steps whose draws no key decides change losses and layers."""
    verdict = judged("flax-linen-same-seed", setup_file(tmp_path, JAX_STEPS_DRAW_FROM_THE_SYSTEM))

    assert "fail" == verdict.outcome, verdict.message
    assert {"losses", "layer:dense"} <= blamed(verdict)
