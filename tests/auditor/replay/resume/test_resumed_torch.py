"""A training loop of torch, stopped and resumed without one piece of its state: that piece is named."""

import pytest
from resumed_runs import Made
from support import AUDITED, ROOT

from auditor.replay.resume.steps import steps_of, written_paths
from auditor.replay.resume.verdict import held, judged

LOOP = ROOT / "tests/auditor/replay/resumes/torch_loop.py"
pytestmark = [pytest.mark.slow, pytest.mark.frameworks]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The runs that all tests share."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Made([AUDITED, str(LOOP)], "ck.pt", tmp_path_factory.mktemp("resume"), monkeypatch)


@pytest.mark.parametrize(
    ("lost", "state"),
    [
        ("nothing", None),
        ("generator", "the state of torch's default generator"),
        ("optimizer", "the optimizer's state: step, exp_avg, exp_avg_sq"),
        pytest.param("scheduler", "the scheduler (CosineAnnealingLR): last_epoch", marks=pytest.mark.exhaustive),
        pytest.param("scaler", "the gradient scaler: growth_tracker", marks=pytest.mark.exhaustive),
        pytest.param("buffers", "the model's buffers (running statistics)", marks=pytest.mark.exhaustive),
        ("position", "the data loader's position in the epoch"),
        pytest.param("two-batches", "the data loader's position in the epoch", marks=pytest.mark.exhaustive),
    ],
)
def test_what_was_not_restored_is_named(made, lost, state):
    found = judged(made.whole, made.stopped, made.resumed("--resume", "--leave-out", lost))

    assert ("identical" if state is None else "diverged") == found.verdict, found
    assert (found.told.unsaved_state or "").startswith(state or "")
    if state is not None:
        assert found.told.from_step + 1 == found.told.step
    if lost == "generator":
        assert "bernoulli" in found.told.op
        assert "model(x)" in found.told.source.code
    if lost == "position":
        assert (0, 16 * found.told.from_step % 128) == (found.told.samples_lost, found.told.samples_repeated)
    if lost == "two-batches":
        assert 32 == found.told.samples_lost


def test_a_program_that_does_not_repeat_itself_cannot_be_judged(made):
    """A second whole run with another loss makes it inconclusive."""
    found = judged(made.whole, made.stopped, made.resumed("--resume", "--leave-out", "optimizer,scheduler"))

    assert found == held(found, made.whole, made.whole)
    other = held(found, made.whole, made.resumed("--resume", "--leave-out", "generator,position"))
    assert ("inconclusive", None) == (other.verdict, other.told)
    assert "does not repeat itself" in other.problems[0]


def test_what_the_program_writes_is_told(made):
    assert "ck.pt" in {one.path.rpartition("/")[2] for one in written_paths(made.whole.folder)}
    assert 24 == sum(map(len, steps_of(made.whole.folder).values()))
