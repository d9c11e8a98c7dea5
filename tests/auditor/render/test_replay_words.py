"""What a newcomer reads: one sentence for each thing, and none that has to be decoded."""

import pytest

from auditor.render import replay as shown
from auditor.replay.model import Confidence, Divergence, Result, TriedFactor


def told(**divergence):
    """The text of a divergence."""
    known = {"framework": "torch", "op": "aten::mm", "index": 1, "inputs_equal": True, "evidence": "outside"}
    found = Divergence(**{**known, **divergence})
    confidence = Confidence(runs=2, rate_bound_95=None)
    return shown.text(
        Result(verdict="diverged", runs=2, ops=9, exit_codes=[0, 0], divergence=found, confidence=confidence)
    )


@pytest.mark.parametrize(("step", "words"), [(1, "the 2nd time"), (10, "the 11th time"), (96, "the 97th time")])
def test_how_often_a_line_ran_before_is_a_number_in_words(step, words):
    """And nothing is said of the first time."""
    assert f"{words} at its line" in told(step=step)
    assert "time at its line" not in told(step=0)


def test_evidence_that_tells_of_inputs_does_not_say_it_twice():
    """A draw has none that matter."""
    assert "(its inputs are equal in both runs)" in told()
    for evidence in ("same-inputs-other-outputs", "draw-unseeded"):
        assert "(its inputs" not in told(evidence=evidence)


def test_a_factor_that_was_not_tried_is_not_called_incomparable():
    """No run was made."""
    tried = [TriedFactor(factor="entropy", settings={}, runs=0, diverged=None, note="would need 13 clean runs")]

    assert "did not try entropy: would need 13 clean runs" in told(ruled_out=tried)


def test_how_sure_an_agreement_is_is_a_sentence():
    """Three runs miss what strikes rarely."""
    result = Result(
        verdict="identical", runs=3, ops=9, exit_codes=[0], confidence=Confidence(runs=3, rate_bound_95=0.7764)
    )
    text = shown.text(result)

    assert "no difference in 3 runs.\n" in text
    assert "3 runs agreed; a divergence rate up to 78% would go unnoticed (95 % confidence)." in text
