"""What a newcomer reads: one sentence for each thing, and none that has to be decoded."""

import pytest

from auditor.render import replay as shown
from auditor.replay.model import (
    Confidence,
    DifferingText,
    Divergence,
    Line,
    Proof,
    Result,
    SuggestedCure,
    TriedFactor,
    ValueRuns,
)


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


def whole(**given):
    """The lines of a result in which everything was found."""
    found = Divergence(
        framework="torch",
        op="aten::mm",
        index=1,
        inputs_equal=True,
        evidence="same-inputs-other-outputs",
        cause="nondeterministic-op",
        source=Line(file="train.py", line=3, code="a @ b"),
        proof=Proof(**PROOF),
    )
    cure = SuggestedCure(text="Switch it.", proven=True, cost=1.5, ran="file-order=reversed (in one order)")
    known = {
        "verdict": "diverged",
        "runs": 3,
        "ops": 9,
        "exit_codes": [0, 0, 0],
        "outputs_differ": ["stdout"],
        "texts": [DifferingText(stream="stdout", line=1, first="loss 1", second="loss 2")],
        "divergence": found,
        "remedy": cure,
        "confidence": Confidence(runs=3, rate_bound_95=None),
        "problems": ["a limit"],
        "seconds": [1.0, 1.0, 1.0],
        "further_runs": 12,
        "further_seconds": 57.0,
    }
    return shown.text(Result(**{**known, **given})).splitlines()


def test_a_reader_in_a_hurry_reads_what_differs_where_why_the_cure_and_the_cost_in_this_order():
    """On one screen; the JSON has the same order."""
    lines = whole()
    order = [
        "DIVERGED",
        "Different content in",
        "  stdout:1",
        "Where it begins",
        "Cause:",
        "Cure (",
        "  a limit",
        "Cost:",
    ]
    places = [next(number for number, line in enumerate(lines) if line.startswith(start)) for start in order]
    fields = ["verdict", "outputs_differ", "texts", "divergence", "remedy", "problems", "seconds"]

    assert sorted(places) == places
    assert len(lines) <= 24
    assert fields == [name for name in Result.model_fields if name in fields]
    assert "Cost: 3 runs for the verdict and 12 more, 60 s in all." == lines[-1]


def test_a_cure_that_is_another_change_than_what_was_run_says_so():
    """And nothing where it is literally that."""
    told = "  What was run here is not that change itself: file-order=reversed (in one order)."

    assert told in whole()
    assert not [line for line in whole(remedy=SuggestedCure(text="Switch it.", proven=True)) if "What was run" in line]


@pytest.mark.parametrize(
    ("why", "said"), [("interrupted", "This replay was interrupted"), ("budget", "The budget ended")]
)
def test_what_ended_a_replay_stands_below_its_verdict(why, said):
    """The rest is what was known then."""
    assert whole(partial=True, partial_why=why)[1].startswith(said)
    assert not whole()[1].startswith(said)


def test_many_refuted_factors_share_a_line():
    """A screen has no room for nine; few have a line each."""
    tried = [TriedFactor(factor=name, settings={}, runs=2, diverged=True) for name in ("a", "b", "c", "d")]

    assert "  tried, and it still diverges: a (2 runs), b (2 runs), c (2 runs), d (2 runs)" in told(ruled_out=tried)
    assert "tried a (2 runs): still diverges" in told(ruled_out=tried[:3])
