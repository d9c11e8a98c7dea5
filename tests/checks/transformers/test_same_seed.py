import pytest
import support
from layering import TORCH_DROPOUT_DRAWS_FROM_THE_SYSTEM, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_seeded_training_and_sampling_repeat():
    """Trained parts, losses and sampled words are the same, in a fresh process and a perturbed one."""
    verdict = support.verdict("transformers-same-seed", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_dropout_that_draws_from_the_system_is_found(tmp_path):
    """Draws that no seed reaches change the losses and the layers."""
    verdict = judged("transformers-same-seed", setup_file(tmp_path, TORCH_DROPOUT_DRAWS_FROM_THE_SYSTEM))

    assert "fail" == verdict.outcome, verdict.message
    assert {"losses", "part:h"} <= blamed(verdict)
