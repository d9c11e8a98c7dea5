import pytest
from layering import KERAS_FORGETS_THE_STEP, KERAS_SAVES_THE_GENERATORS, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_a_lost_step_count_and_lost_generators_are_found(tmp_path):
    """The `.keras` file leaves out the dropout generators; a step count lost besides changes what is trained."""
    verdict = judged("keras-jax-resume", setup_file(tmp_path, KERAS_FORGETS_THE_STEP), repeats=1)

    assert "fail" == verdict.outcome
    assert {"dropout generators", "weights", "optimizer"} <= blamed(verdict)


def test_with_the_generators_in_the_file_training_resumes(tmp_path):
    """Layers that save their generators' states too are all that was missing."""
    verdict = judged("keras-jax-resume", setup_file(tmp_path, KERAS_SAVES_THE_GENERATORS), repeats=1)

    assert "pass" == verdict.outcome, verdict.message
