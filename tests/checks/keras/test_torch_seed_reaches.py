"""`keras-torch-seed-reaches`: layers of Keras on PyTorch whose generators its own seed call does not reach."""

import pytest
import support
from layering import KERAS_DRAWS_FROM_THE_SYSTEM, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CHECK = "keras-torch-seed-reaches"
REACHED = """
from _auditor_checks.keras import _contract
_contract._forget_seeds = lambda: None
"""
"""Every generator is seeded either way: nothing is left that the framework's own call does not reach."""


def test_the_frameworks_own_call_does_not_reach_the_layers_as_documented():
    """Layers take their seeds from Python's `random`; dropout and the order of `fit` come from torch's generator."""
    verdict = judged(CHECK, "")

    assert ("fail", "documented") == (verdict.outcome, verdict.known), verdict.message
    assert all(name.endswith(", the framework's seed alone") for name in blamed(verdict))
    assert {"GaussianNoise, the framework's seed alone"} <= blamed(verdict)
    assert not {"Dropout, the framework's seed alone", "fit, the framework's seed alone"} & blamed(verdict)


def test_a_call_that_reaches_everything_passes(tmp_path):
    """Planted: the framework's call comes with the seeds of Python and NumPy."""
    verdict = support.verdict(CHECK, setup=setup_file(tmp_path, REACHED), python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_a_layer_that_no_seed_reaches_is_found(tmp_path):
    """Dropout that draws from the system is named, with the layer that holds one, and no other."""
    verdict = judged(CHECK, setup_file(tmp_path, REACHED + KERAS_DRAWS_FROM_THE_SYSTEM))

    assert "fail" == verdict.outcome, verdict.message
    assert {"Dropout", "MultiHeadAttention"} == {name.partition(",")[0] for name in blamed(verdict)}
