"""Steps of a resumed training against those of the whole one: where they begin, what differs, what was not saved."""

import pytest
from trainings import BATCH, Training, beginning, whole_and_saved

from auditor.replay.resume.alignment import beginning as found_beginning
from auditor.replay.resume.comparison import first_difference
from auditor.replay.resume.located import Located
from auditor.replay.resume.samples import compared
from auditor.replay.resume.unsaved import unsaved
from auditor.replay.trace.format import UNKNOWN_SOURCE

AT, COUNT = 6, 12
"""The checkpoint lies in the middle of the second epoch, of 4 steps."""


def judged(saved, whole, *, more=0, **kind):
    """(step at which it differs or None, what was not saved, the samples) of a training from a state."""
    resumed = Training(saved, **kind).steps(COUNT - AT + more)
    begin = found_beginning(whole, resumed, AT + 1)
    found = first_difference(whole[begin.step :], resumed)
    if found is None:
        return None, None, None
    samples = compared(whole, resumed, begin.step, found.at) if found.first == "samples" else None
    return begin.step + found.at + 1, unsaved(found, samples, None, anew=False), samples


def test_a_training_that_saves_everything_goes_on_as_the_whole_one():
    """At every step, and aligned by the weights, wherever the run was stopped after it."""
    for at in range(1, COUNT):
        whole, saved = whole_and_saved(at)
        resumed = Training(saved).steps(COUNT - at)

        assert (at, True) == found_beginning(whole, resumed, COUNT)
        assert first_difference(whole[at:], resumed) is None


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ({"slots": {}}, "the optimizer's state: step, exp_avg"),
        ({"last_epoch": 0}, "the scheduler (StepLR): last_epoch 6 against 0"),
        (
            {"scale": 65536.0, "clean": 0},
            "the gradient scaler: scale 1024.0 against 65536.0, growth_tracker 6 against 0",
        ),
        ({"torch": 1}, "the state of torch's default generator"),
        ({"buffers": "other"}, "the model's buffers (running statistics)"),
    ],
)
def test_what_was_not_saved_is_named_at_the_first_step(lost, named):
    whole, saved = whole_and_saved(AT)

    step, found, _ = judged({**saved, **lost}, whole)

    assert (AT + 1, named) == (step, found.state)


def test_all_that_was_not_saved_is_named():
    """The optimizer first: the others differ beside it."""
    whole, saved = whole_and_saved(AT)

    _, found, _ = judged({**beginning(), "weights": saved["weights"], "order": saved["order"], "epoch": 1}, whole)

    assert "the optimizer's state: step, exp_avg" == found.state
    assert ["the scheduler", "the gradient scaler", "the state of torch's default generator"] == [
        one.partition(" (")[0].partition(":")[0] for one in found.also
    ]


def test_a_generator_from_which_nothing_is_drawn_is_no_difference():
    whole, saved = whole_and_saved(AT, drops=False)

    assert (None, None, None) == judged({**saved, "torch": 1}, whole, drops=False)


@pytest.mark.parametrize("named", [True, False])
def test_samples_that_are_given_again_are_counted(named):
    """The resumed run begins the epoch anew: two steps of it are repeated, known by index or by content."""
    whole, saved = whole_and_saved(AT, named=named)
    restarted = {**saved, "order": [], "epoch": saved["epoch"] - 1}

    step, found, samples = judged(restarted, whole, more=2, named=named)

    assert (AT + 1, "moved", 2) == (step, samples.kind, samples.moved)
    assert (0, 2 * BATCH) == (samples.lost, samples.repeated)
    of_stream = "the state of the data set's stream: its position, or its shuffle buffer"
    assert ("the data loader's position in the epoch" if named else of_stream) == found.state
    assert "2 steps behind" in found.effect


def test_samples_that_are_left_out_are_counted():
    whole, saved = whole_and_saved(AT)

    step, found, samples = judged({**saved, "order": saved["order"][BATCH:]}, whole)

    assert (AT + 1, "moved", -1) == (step, samples.kind, samples.moved)
    assert BATCH == samples.lost
    assert "1 step ahead" in found.effect


def test_another_order_in_the_middle_of_an_epoch_and_at_its_start():
    """In the middle the order was drawn before the checkpoint; at the start the generator's state decides it."""
    whole, saved = whole_and_saved(AT, drops=False)
    _, found, samples = judged({**saved, "order": saved["order"][::-1], "torch": 1}, whole, drops=False)

    assert ("order", False) == (samples.kind, samples.fresh)
    assert found.state.startswith("the order of the epoch, which was drawn before the checkpoint")

    whole, saved = whole_and_saved(8, drops=False)
    resumed = Training({**saved, "shuffled_by": 7, "torch": 1}, drops=False).steps(COUNT - 8)
    begin = found_beginning(whole, resumed, 8)
    difference = first_difference(whole[begin.step :], resumed)
    samples = compared(whole, resumed, begin.step, difference.at)

    assert samples.fresh
    assert "the state of torch's default generator" == unsaved(difference, samples, None, anew=False).state


def test_an_order_that_is_drawn_again_is_no_lost_place():
    """At the start of an epoch the order of the first one comes again, as the program seeds its generator anew."""
    whole, saved = whole_and_saved(8, drops=False)
    again = {**saved, "epoch": -1, "torch": 1}
    resumed = Training(again, drops=False).steps(COUNT - 8)
    difference = first_difference(whole[8:], resumed)
    samples = compared(whole, resumed, 8, difference.at)
    drawn = Located("aten::random_", UNKNOWN_SOURCE, draws=True, own=False)

    assert ("moved", 8, 0, 0) == (samples.kind, samples.moved, samples.lost, samples.repeated)
    for located in (None, drawn):
        found = unsaved(difference, samples, located, anew=False)
        assert "the state of torch's default generator" == found.state
        assert "no sample is lost or repeated" in found.effect


def test_samples_with_other_values_are_told_apart_from_other_samples():
    """The data set draws: its indices are equal."""
    whole, saved = whole_and_saved(AT, augments=True)

    _, found, samples = judged({**saved, "torch": 1}, whole, augments=True)

    assert ("content", "the state of torch's default generator") == (samples.kind, found.state)


def test_weights_that_no_step_has_are_aligned_by_the_stop():
    whole, saved = whole_and_saved(AT)
    resumed = Training({**saved, "weights": "other"}).steps(COUNT - AT)

    assert (AT, False) == found_beginning(whole, resumed, AT)
    assert "the weights" == judged({**saved, "weights": "other"}, whole)[1].state


def test_equal_weights_of_several_steps_are_told_apart_by_the_other_state():
    """A warm-up with a learning rate of 0 leaves the weights as they are."""
    whole, saved = whole_and_saved(AT)
    still = [one.model_copy(update={"weights": whole[AT].weights}) for one in whole]

    assert (AT, True) == found_beginning(still, Training(saved).steps(3), 2)


def test_a_run_that_makes_more_or_fewer_steps_differs():
    whole, saved = whole_and_saved(AT)

    assert COUNT + 1 == judged(saved, whole, more=1)[0]
    step, found, _ = judged(saved, whole, more=-2)
    assert (COUNT - 1, "the resumed run ends before the whole one") == (step, found.effect)
