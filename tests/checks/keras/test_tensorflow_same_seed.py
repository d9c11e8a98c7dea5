import pytest
import support
from layering import KERAS_DRAWS_FROM_THE_SYSTEM, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_seeded_training_repeats():
    """On TensorFlow, `fit` gives the same bits again, in a fresh process, and in a perturbed one."""
    verdict = support.verdict("keras-tensorflow-same-seed", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_dropout_that_draws_from_the_system_is_found(tmp_path):
    """A layer whose draws no seed reaches changes losses, layers and optimizer."""
    verdict = judged("keras-tensorflow-same-seed", setup_file(tmp_path, KERAS_DRAWS_FROM_THE_SYSTEM))

    assert "fail" == verdict.outcome, verdict.message
    assert {"losses", "layer:dense", "optimizer"} <= blamed(verdict)
