"""Resuming as users met it in libraries: a Trainer whose data set draws, a shuffled IterableDataset that loses rows."""

import pytest
from resumed_runs import Made
from support import ROOT

from auditor.replay.resume.verdict import judged

PROGRAMS = ROOT / ".venv-programs/bin/python"
RESUMES = ROOT / "tests/auditor/replay/resumes"
pytestmark = [pytest.mark.exhaustive, pytest.mark.skipif(not PROGRAMS.exists(), reason="`make programs` makes it")]


def resumed(program, stop, tmp_path, monkeypatch, *arguments):
    """The verdict over a program, stopped once this file is there."""
    made = Made([str(PROGRAMS), str(RESUMES / program), *arguments], stop, tmp_path, monkeypatch)
    return judged(made.whole, made.stopped, made.resumed("--resume"))


def test_a_trainer_whose_data_set_draws(tmp_path, monkeypatch):
    """transformers#39215: the batch after the checkpoint was drawn before the generators' states were saved."""
    found = resumed("trainer_draws.py", "out/checkpoint-*/trainer_state.json", tmp_path, monkeypatch)

    assert ("diverged", 11) == (found.verdict, found.told.step)
    assert "the state of torch's default generator" == found.told.unsaved_state
    assert "aten::randn" == found.told.op


def test_a_trainer_whose_data_set_draws_nothing(tmp_path, monkeypatch):
    found = resumed("trainer_draws.py", "out/checkpoint-*/trainer_state.json", tmp_path, monkeypatch, "--plain")

    assert "identical" == found.verdict, found


def test_a_shuffled_iterable_data_set_loses_the_rows_in_its_buffer(tmp_path, monkeypatch):
    """datasets#7901."""
    found = resumed("iterable_shuffle.py", "ck.pt", tmp_path, monkeypatch)

    assert ("diverged", 11) == (found.verdict, found.told.step)
    assert found.told.unsaved_state.startswith("the state of the data set's stream")
    assert found.told.samples_lost > 8


def test_one_in_order_loses_none(tmp_path, monkeypatch):
    found = resumed("iterable_shuffle.py", "ck.pt", tmp_path, monkeypatch, "--in-order")

    assert "identical" == found.verdict, found


def test_the_first_epoch_that_lightning_resumes_has_the_order_of_epoch_0(tmp_path, monkeypatch):
    """lightning#21938: the loader's workers are given indices before the sampler is told its epoch."""
    found = resumed("lightning_sampler.py", "out/epoch=1.ckpt", tmp_path, monkeypatch)

    assert ("diverged", 17) == (found.verdict, found.told.step)
    assert "samples" == found.told.differs[0]


def test_without_workers_lightning_resumes_in_the_sampler_s_order(tmp_path, monkeypatch):
    found = resumed("lightning_sampler.py", "out/epoch=1.ckpt", tmp_path, monkeypatch, "--workers=0")

    assert "identical" == found.verdict, found
