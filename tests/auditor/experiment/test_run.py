"""Real programs under the recorder of signatures: what is seen of them, how they are ended, what is not seen."""

import os
import sys
from pathlib import Path

import pytest
from support import AUDITED, ROOT

from auditor.catalogue import catalogue
from auditor.errors import UsageError
from auditor.experiment import run, seeds
from auditor.experiment.run import Limits
from auditor.privacy.modes import Privacy

EXPERIMENTS = ROOT / "tests" / "auditor" / "replay" / "experiments"
GROUPS = catalogue.load(only_facts=True).groups


def recorded(name, *, python=AUDITED, limits=None, stdout=None):
    """One run of an experiment of this repository."""
    return run.run([python, str(EXPERIMENTS / name)], GROUPS, Privacy("identified"), limits or Limits(), stdout=stdout)


def of(found, operator):
    """The signatures of one operator."""
    return [one for one in found.observed.signatures if one.operator == operator]


@pytest.mark.frameworks
def test_a_program_is_seen_with_its_lines_its_draws_and_its_output(capfd):
    """Forward and backward, with the line; an unseeded draw; steps of the optimizer; stdout unchanged."""
    found = recorded("torch_reaches_race.py")
    (put,) = of(found, "aten::index_put")
    drawn = {one.generator: (one.seeded, one.line) for one in seeds.seedings(found.observed.tables)}

    assert ("by-itself", 0, [], 3) == (found.ended, found.exit_code, [*found.unseen], found.observed.steps)
    assert "done (4,)\n" == capfd.readouterr().out
    assert ("torch_reaches_race.py:13", True, 3) == (put.first.text, put.first.backward, put.calls)
    assert [[100_000], [300_000], [300_000]] == [told["shape"] for told in put.tensors()]
    assert {"numpy": (False, 5), "torch": (True, 8)} == drawn
    assert found.main is not None
    assert "torch.version" in found.main.facts


@pytest.mark.frameworks
def test_steps_end_a_program_that_does_not_end_itself():
    """The signatures until then are kept, and that it was not seen whole is said."""
    found = recorded("torch_endless.py", limits=Limits(steps=2))

    assert "steps" == found.ended
    assert 2 <= found.observed.steps
    assert of(found, "aten::addmm")
    assert any("ended after 2 steps" in told for told in found.unseen)


@pytest.mark.frameworks
def test_a_child_and_a_failure_are_seen():
    """A forked child has a table of its own; the program's own exit code is kept."""
    with Path(os.devnull).open("wb") as sink:
        found = recorded("torch_custom_child.py", stdout=sink.fileno())

    assert ("failed", 7, 2) == (found.ended, found.exit_code, len(found.observed.tables))
    assert 1 == len(of(found, "mine::double"))
    assert 1 == len(of(found, "aten::sigmoid"))
    assert any("exit code 7" in told for told in found.unseen)


def test_a_process_that_is_killed_is_not_seen_whole(tmp_path):
    """What it called in its last second may be missing."""
    script = tmp_path / "killed.py"
    script.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    found = run.run([sys.executable, str(script)], GROUPS, Privacy())

    assert -9 == found.exit_code
    assert any("was ended before" in told for told in found.unseen)


@pytest.mark.parametrize(("switch", "told"), [("-I", 1), ("-B", 0)])
def test_a_child_that_cannot_be_recorded_is_told(tmp_path, switch, told):
    """It ignores PYTHONPATH; a child that does not is recorded."""
    script = tmp_path / "starts.py"
    script.write_text(
        f"import subprocess, sys\nsubprocess.run([sys.executable, {switch!r}, '-c', 'pass'], check=True)\n"
    )
    found = run.run([sys.executable, str(script)], GROUPS, Privacy())

    assert told == sum("could not be recorded" in one for one in found.unseen)
    assert 2 - told == len(found.observed.tables)


def test_a_command_without_python_has_no_interpreter():
    """Nothing can be audited then."""
    assert not run.run(["true"], GROUPS, Privacy()).python
    with pytest.raises(UsageError, match="could not be started"):
        run.run(["/no/such/program"], GROUPS, Privacy())


def test_a_time_limit_ends_a_program_that_ignores_interruptions(tmp_path, monkeypatch):
    """First an interruption, then SIGTERM, then SIGKILL."""
    monkeypatch.setattr(run, "GRACE_SECONDS", (0.5, 0.5, 5.0))
    script = tmp_path / "deaf.py"
    script.write_text(
        "import signal, time\nfor one in (signal.SIGINT, signal.SIGTERM): signal.signal(one, signal.SIG_IGN)\n"
        "while True: time.sleep(0.1)\n"
    )
    found = run.run([sys.executable, str(script)], GROUPS, Privacy(), Limits(seconds=2.0))

    assert ("for", -9) == (found.ended, found.exit_code)


@pytest.mark.frameworks
def test_a_program_without_an_optimizer_is_ended_all_the_same(tmp_path, monkeypatch):
    """As by a time limit, and that is said."""
    monkeypatch.setattr(run, "WITHOUT_STEPS_SECONDS", 1.0)
    script = tmp_path / "endless.py"
    script.write_text("import torch\nwhile True:\n    torch.ones(3).exp()\n")
    found = run.run([AUDITED, str(script)], GROUPS, Privacy(), Limits(steps=5))

    assert "for" == found.ended
    assert any("no step of an optimizer was seen" in told for told in found.unseen)
    assert of(found, "aten::exp")
