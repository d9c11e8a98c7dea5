import pytest
import support
from layering import JAX_COMPILES_ELSE, blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def test_compiled_and_eager_agree_up_to_rounding():
    """The real compiler changes nothing but the last bits."""
    verdict = support.verdict("flax-nnx-compiled-eager", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message
    assert {"same", "rounding"} >= set(verdict.evidence["classes"].values())


def test_compiled_gradients_off_by_a_thousandth_are_found(tmp_path):
    """Every gradient of the compiled run is scaled by 1.001, and each is named; the loss is not."""
    planted = JAX_COMPILES_ELSE.format(imports="from flax import nnx", jit="nnx.jit")
    verdict = judged("flax-nnx-compiled-eager", setup_file(tmp_path, planted))

    assert "fail" == verdict.outcome, verdict.message
    assert {"gradient"} == {name.split("/")[0] for name in blamed(verdict)}
