"""`keras-jax-seed-reaches`: layers of Keras on JAX, which has no global seed of its own."""

import pytest
import support
from layering import KERAS_DRAWS_FROM_THE_SYSTEM, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "keras-jax-seed-reaches"


def test_every_layer_follows_the_librarys_seed():
    """Two seeds, in two calls and two processes."""
    verdict = support.verdict(CHECK, python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_a_layer_that_no_seed_reaches_is_found(tmp_path):
    """Dropout that draws from the system is named, with the layer that holds one, and no other."""
    verdict = judged(CHECK, setup_file(tmp_path, KERAS_DRAWS_FROM_THE_SYSTEM))

    assert "fail" == verdict.outcome, verdict.message
    assert {"Dropout", "MultiHeadAttention"} == {name.partition(",")[0] for name in blamed(verdict)}
