import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import os
from flax import nnx
def call(self, inputs, **how):
    return inputs * (1 + int.from_bytes(os.urandom(4), 'big') / 2**33)
nnx.Dropout.__call__ = call
"""


def test_seeded_training_repeats():
    """The run gives the same bits again, in a fresh process, and in a perturbed one."""
    verdict = support.verdict("flax-nnx-same-seed", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_training_that_draws_from_the_system_is_found(tmp_path):
    """Steps whose draws no key decides change losses and layers."""
    verdict = judged("flax-nnx-same-seed", setup_file(tmp_path, PLANTED))

    assert "fail" == verdict.outcome, verdict.message
    assert {"losses", "layer:dense"} <= blamed(verdict)
