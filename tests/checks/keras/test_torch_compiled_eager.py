import pytest
import support
from layering import KERAS_COMPILED_PREDICTS_ELSE, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_compiled_and_eager_agree_up_to_rounding():
    """The real compiler changes nothing but the last bits."""
    verdict = support.verdict("keras-torch-compiled-eager", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message
    assert {"same", "rounding"} >= set(verdict.evidence["classes"].values())


def test_a_compiled_result_off_by_a_thousandth_is_found(tmp_path):
    """What only the compiled model gives is scaled by 1.001: more than rounding."""
    verdict = judged("keras-torch-compiled-eager", setup_file(tmp_path, KERAS_COMPILED_PREDICTS_ELSE))

    assert "fail" == verdict.outcome, verdict.message
    assert {"output"} <= blamed(verdict)
