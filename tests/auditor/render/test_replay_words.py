"""What a newcomer reads: one sentence for each thing, and none that has to be decoded."""

import pytest

from auditor.render import replay as shown
from auditor.replay.model import Confidence, Divergence, Proof, Result, TriedFactor, ValueRuns


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


PROOF = {
    "factor": "clock",
    "settings": {"clock": "ticking"},
    "clean": 6,
    "without": 5,
    "shown": 4,
    "values": 1,
    "residual_95": 0.393,
    "names_cause": True,
}


def test_a_proof_tells_the_runs_of_both_arms_and_what_they_leave_open():
    """With the number of values, where there were several."""
    words = "Proven: it occurs in 0 of 6 runs with clock=ticking, and in 4 of 5 without; a coin drew which run had it."
    text = told(proof=Proof(**PROOF), cause="clock")

    assert f"{words} A rate up to 39% with it would go unnoticed." in text
    assert "removes the divergence" not in text
    assert "with clock=ticking (2 values of it)," in told(proof=Proof(**{**PROOF, "values": 2}))


def test_a_switch_tells_what_each_value_gave_and_not_that_something_vanished():
    """No run was made without the factor."""
    switch = [ValueRuns(settings={"hash-seed": value}, runs=runs) for value, runs in (("0", 5), ("3", 4))]
    text = told(proof=Proof(**{**PROOF, "without": 0, "shown": 0, "switch": switch}))

    assert "hash-seed=0 gave one result in 5 of 5 runs, hash-seed=3 gave one result in 4 of 4 runs" in text
    assert "0 of 0" not in text
    assert "it occurs in" not in text


def test_what_removes_a_divergence_without_being_its_cause_is_told_as_that():
    """The cause is unknown."""
    text = told(proof=Proof(**{**PROOF, "names_cause": False}), cause="unknown")

    assert "Cause: unknown" in text
    assert "clock=ticking removes the divergence; why is not shown" in text


def test_a_factor_that_was_refuted_with_others_is_not_called_untried():
    """All were on at once."""
    text = told(ruled_out=[TriedFactor(factor="entropy", settings={}, runs=0, diverged=True)])

    assert "tried entropy together with others: still diverges" in text


def test_how_sure_an_agreement_is_is_a_sentence():
    """Three runs miss what strikes rarely."""
    result = Result(
        verdict="identical", runs=3, ops=9, exit_codes=[0], confidence=Confidence(runs=3, rate_bound_95=0.7764)
    )
    text = shown.text(result)

    assert "no difference in 3 runs.\n" in text
    assert "3 runs agreed; a divergence rate up to 78% would go unnoticed (95 % confidence)." in text
