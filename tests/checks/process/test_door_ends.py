"""A door's process whose host is gone ends, also when the host ended before it could look for its parent."""

from __future__ import annotations

import json
import subprocess
import sys

from auditor import shipped


def start(folder, host):
    """A process that waits at a gate which nobody opens."""
    request = {"framework": "python", "steps": [], "settings": {}, "gate": str(folder / "gate"), "host": host}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "reply.jsonl").touch()
    door = shipped.folder("checks") / "__main__.py"
    command = [sys.executable, "-B", str(door), "measure", str(folder / "request.json"), str(folder / "reply.jsonl")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def test_a_process_whose_host_has_ended_does_not_wait(tmp_path):
    """Its parent is whoever adopted it and never changes: the host's number tells."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    child = start(tmp_path, ended.pid)

    assert child.wait(timeout=30) == 0


def test_a_process_whose_host_lives_waits(tmp_path):
    """Until the gate is made."""
    living = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    child = start(tmp_path, living.pid)
    try:
        waited = False
        try:
            child.wait(timeout=3)
        except subprocess.TimeoutExpired:
            waited = True
        (tmp_path / "gate").touch()

        assert waited
        assert child.wait(timeout=30) == 0
    finally:
        living.kill()
        living.wait()
        child.kill()
        child.wait()
