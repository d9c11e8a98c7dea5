"""Digests that a device still computes: filled in later, in one fetch for many, and cut off by a SIGKILL."""

from __future__ import annotations

import pytest
from streams import folder_of, writer
from support import AUDITED

from auditor.replay.alignment import first_differences
from auditor.replay.runs.run import Setup, run
from auditor.replay.session import ReplayOptions, Session
from auditor.replay.trace.archive import TaskKey, open_folder

AS_DEVICE = r"""
import sys
replay = "_auditor_checks.recorders.replay."
import torch
device, content, later = (sys.modules.get(replay + "torch." + name) for name in ("device", "content", "later"))
if device is not None:
    device.KINDS = ("cpu",)  # every tensor is one of an accelerator now
    content.Content.bytes = lambda self, tensor: content.COPIED_AT_ONCE
    plain, fetches = device.fetched, []
    def fetched(torch, totals):
        fetches.append(len(totals))
        if len(fetches) == FAILS_AT:
            raise RuntimeError("planted: the device is gone")
        return plain(torch, totals)
    device.fetched = fetched
torch.manual_seed(SEED)
layer = torch.nn.Linear(8, 8)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
for step in range(40):
    optimizer.zero_grad()
    (layer(torch.randn(4, 8)) ** 2).mean().backward()
    optimizer.step()
    if step == DIES_AT:
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
print("done", len(layer.state_dict()["weight"].numpy()))
"""


def later(digest):
    """A step that writes an operation whose digest is awaited."""

    def step(written):
        names = written.stream.define(writer.NAMES, "aten::add")
        fields = 0, 0, names, 0, 0, 7
        written.stream.append_awaited(digest, lambda awaited: [one * 10 for one in awaited], writer.OP, *fields)

    return step


def digests_of(trace):
    """The digests of its operations."""
    return [one.digest for one in trace.streams[TaskKey("main", 0)].records() if one.kind == writer.OP]


def test_awaited_digests_are_filled_in_at_the_end(tmp_path):
    """In their places, beside those that were known at once."""
    found = folder_of(tmp_path, ("aten::mul", 1, 3), later(2), ("aten::mul", 3, 3), later(4))

    assert [1, 20, 3, 40] == digests_of(found)
    assert [7, 7] == [one.extra for one in found.streams[TaskKey("main", 0)].records() if one.digest in {20, 40}]
    assert not found.cut


def test_they_are_fetched_many_at_a_time_wherever_they_lie(tmp_path):
    """Ten thousand: windows of the file have moved on; all are there."""
    found = folder_of(tmp_path, *(later(number) for number in range(1, 10_001)))

    assert [10 * number for number in range(1, 10_001)] == digests_of(found)


def test_what_was_not_fetched_is_cut_off(tmp_path):
    """A SIGKILL: what stands before the first awaited one is there, and the stream is cut."""
    found = folder_of(tmp_path, ("aten::mul", 1, 3), later(2), ("aten::mul", 3, 3), end=False)

    assert [1] == digests_of(found)
    assert [TaskKey("main", 0)] == found.cut
    assert not first_differences.compare(found, found).identical


def recorded(tmp_path, name, *, seed=0, fails_at=0, dies_at=-1):
    """The run of a program whose tensors are taken for those of an accelerator."""
    script = tmp_path / "train.py"
    text = AS_DEVICE.replace("FAILS_AT", str(fails_at)).replace("SEED", str(seed)).replace("DIES_AT", str(dies_at))
    script.write_text(text)
    done = run([AUDITED, str(script)], Setup(tmp_path / name, show=False))
    return done, open_folder(done.folder)


@pytest.mark.frameworks
@pytest.mark.slow
def test_a_training_is_recorded_as_on_a_device(tmp_path):
    """Complete, the same in two runs, another one with another seed."""
    (first, one), (_, again), (_, other) = (
        recorded(tmp_path, name, seed=seed) for name, seed in (("one", 0), ("again", 0), ("other", 1))
    )

    assert "done 8" in first.stdout.path.read_text()
    assert one.operations > 600
    assert sum(digest != 0 for digest in digests_of(one)) > 500
    assert first_differences.compare(one, again).identical
    assert not first_differences.compare(one, other).identical


@pytest.mark.frameworks
def test_a_device_that_fails_is_a_problem_and_no_proof(tmp_path):
    """The program goes on and ends as alone; the trace is never identical to another."""
    done, trace = recorded(tmp_path, "failing", fails_at=2)

    assert (0, True) == (done.exit_code, "done 8" in done.stdout.path.read_text())
    assert any("planted" in told for _, told in trace.problems)
    assert not first_differences.compare(trace, trace).identical


@pytest.mark.frameworks
def test_a_killed_program_is_compared_up_to_what_was_fetched(tmp_path):
    """Not a record whose content nobody knows."""
    done, trace = recorded(tmp_path, "killed", dies_at=30)
    replayed = Session(
        ReplayOptions([AUDITED, str(tmp_path / "train.py")], tmp_path / "runs", runs=2, show=False), str
    ).run()

    assert -9 == done.exit_code
    assert trace.cut
    assert trace.operations > 400
    assert "inconclusive" == replayed.verdict
