"""`tensorflow-resume`: what Keras forgets, what a checkpoint keeps, and a lost optimizer."""

from judged import CURED, MARKS, PLANTED, finding

pytestmark = MARKS


def test_keras_forgets_the_states_of_dropout():
    """`model.save` loses the seed generators (keras#19796), and so all that follows; the checkpoint loses nothing."""
    found = finding("resume")

    assert "fail" == found.outcome
    assert {"keras loaded: dropout's seeds"} == {name for name in found.evidence["broken"] if "loaded" in name}
    assert not [name for name in found.evidence["broken"] if name.startswith("checkpoint")]


def test_with_these_states_saved_training_goes_on_as_without_a_break():
    """The remedy: the seed generators' states are written beside the model."""
    found = finding("resume", CURED)

    assert ("pass", 19) == (found.outcome, len(found.evidence["held"])), found.message


def test_an_optimizer_that_forgets_its_moments_is_named():
    """Planted: Adam loads nothing; that part is named at loading."""
    found = finding("resume", PLANTED)

    assert "fail" == found.outcome
    assert "keras loaded: optimizer" in found.evidence["broken"]
    assert "keras loaded: weights" in found.evidence["held"]
