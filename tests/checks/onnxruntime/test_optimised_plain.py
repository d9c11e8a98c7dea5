import pytest
import support
from layering import blamed, judged, setup_file

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

PLANTED = """
import os, onnxruntime
plain = onnxruntime.InferenceSession.run
def run(self, *inputs):
    options = self.get_session_options()
    factor = 1.001 if options.graph_optimization_level == 99 else 1
    return [array * array.dtype.type(factor) for array in plain(self, *inputs)]
onnxruntime.InferenceSession.run = run
"""


def test_optimisations_round_only():
    """Fused or not, the results agree up to rounding."""
    verdict = support.verdict("onnxruntime-optimised-plain", python=support.LAYERS)

    assert "pass" == verdict.outcome, verdict.message


def test_an_optimisation_that_computes_something_else_is_found(tmp_path):
    """Results that only the optimised graph scales by 1.001 are more than rounding."""
    verdict = judged("onnxruntime-optimised-plain", setup_file(tmp_path, PLANTED), repeats=1)

    assert "fail" == verdict.outcome, verdict.message
    assert {"classes", "scores", "total"} <= blamed(verdict)
