"""Which processes step back, so that those of torch, whose threads wait by spinning, are not kept waiting."""

import json
import subprocess
import sys

import psutil
import pytest

from auditor.audit import plan
from auditor.audit.run import Audit, Options
from auditor.catalogue import catalogue
from auditor.interpreter.launcher import Here
from auditor.interpreter.processes import step_back


class Noting:
    """Starts processes here, and notes how far each framework's were told to step back."""

    def __init__(self):
        self.here, self.told = Here(sys.executable), {}
        self.python, self.host = self.here.python, self.here.host

    def start(self, arguments, settings, scratch, sink):
        """A process here, which is told what it is told."""
        framework = json.loads((scratch / "request.json").read_text())["framework"]
        return _Noted(self.here.start(arguments, settings, scratch, sink), self.told.setdefault(framework, set()))


class _Noted:
    def __init__(self, child, told):
        self._child, self._told = child, told

    def step_back(self, niceness):
        self._told.add(niceness)

    def __getattr__(self, name):
        return getattr(self._child, name)


def test_processes_without_torch_step_back_and_those_of_torch_do_not(tmp_path, monkeypatch):
    """A torch that cannot be imported is enough: what counts is the process that was started for it."""
    (tmp_path / "torch.py").write_text("raise ImportError('planted')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    known, launcher = catalogue.load(), Noting()
    checks = catalogue.select(known.checks, only=["torch-same-seed", "python-hash-seed"])
    list(Audit(Options(sys.executable, checks, facts=False, launcher=launcher), known).run())

    assert {0} == launcher.told["torch"]
    assert launcher.told[""]
    assert 0 < min(launcher.told[""])


def test_a_quiet_process_does_not_step_back(tmp_path, monkeypatch):
    """It measures a race alone: of what is not ours on the machine, nothing shall go first."""
    (tmp_path / "jax.py").write_text("raise ImportError('planted')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    known, launcher = catalogue.load(), Noting()
    checks = [check for check in known.checks if check.on == "jax" or check.framework == "jax"]
    quiet = next(check for check in checks if check.quiet)
    list(Audit(Options(sys.executable, [quiet], facts=False, launcher=launcher), known).run())

    assert 0 in launcher.told["jax"]


def test_beside_our_own_busy_processes_none_steps_back():
    """They do not step back either: a process that does would be measured at a tenth of the speed."""
    assert 0 == plan.niceness(plan.Job("jax", {"contention": "on"}, ()))
    assert 0 < plan.niceness(plan.Job("jax", {}, ()))


@pytest.fixture
def child():
    """A process that waits until it is ended; in a session of its own, since the whole session steps back."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    yield process
    process.kill()
    process.communicate()


def test_a_process_that_steps_back_has_that_niceness(child):
    """As the system says."""
    step_back(child, 15)

    assert 15 == psutil.Process(child.pid).nice()


def test_a_process_that_has_ended_cannot_step_back_and_nobody_minds(child):
    """It is gone: there is nothing to let go first."""
    child.kill()
    child.wait()

    step_back(child, 15)

    assert child.returncode < 0
