"""
Facts of NVIDIA GPUs, which the host reads from the management library without a framework or the payload.

A separate process (`reader.py`) queries the library, and is abandoned if it does not answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..manifest.models import Fact
from .table import OF_A_DEVICE, OF_THE_SYSTEM, PREFIX

DECLARED = {PREFIX + name: fact for name, fact in {**OF_THE_SYSTEM, **OF_A_DEVICE}.items()}
"""Key to role, meaning, unit and source."""
START = "import sys; sys.path[0] = sys.argv[1]; from auditor.nvml.reader import main; main(sys.argv[2])"
"""Replaces the working folder, which `-c` puts first on sys.path: its modules are the user's."""
SIGNS = ("/dev/nvidiactl", "/dev/dxg", "/proc/driver/nvidia/version")
"""Without any of these paths there is no driver (`/dev/dxg`: Windows Subsystem for Linux)."""
LIMIT_SECONDS = 20.0
"""Time limit; without persistence mode the driver first initialises each GPU, which takes one or two seconds."""
REAP_SECONDS = 1.0
"""Time to wait for a killed process, which may hang inside the driver."""


def facts(limit_seconds: float = LIMIT_SECONDS) -> dict[str, Fact]:
    """Every declared fact, with its value or the reason why there is none."""
    if not any(Path(path).exists() for path in SIGNS):
        return _all("not-applicable", f"no NVIDIA driver runs here: none of {', '.join(SIGNS)} exists")
    try:
        with tempfile.TemporaryDirectory(prefix="auditor-nvml-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "facts.jsonl"
            path.touch(mode=0o600)
            ending = _run(path, limit_seconds)
            return _filed(path.read_text(encoding="utf-8"), ending)
    except OSError as problem:
        return _all("unknown", f"NVIDIA's library could not be queried: {problem}")


def _run(path: Path, limit_seconds: float) -> str:
    """Run the reader; returns the reason for facts that it did not write."""
    command = [sys.executable, "-B", "-c", START, str(Path(__file__).resolve().parents[2]), str(path)]
    null = subprocess.DEVNULL
    child = subprocess.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True, env=os.environ)
    try:
        code = child.wait(limit_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(REAP_SECONDS)
        return f"NVIDIA's driver gave no answer within {limit_seconds:g} s"
    return f"the process that queried NVIDIA's driver ended with exit code {code}" if code else "it was not reported"


def _filed(text: str, ending: str) -> dict[str, Fact]:
    """The facts in the reader's lines; those without a line get the reason `ending`."""
    answers: dict[str, Any] = {}
    for line in text.splitlines():
        with contextlib.suppress(ValueError):  # a line that was being written when the reader was ended
            answer = json.loads(line)
            answers[answer.pop("name")] = answer
    if "" in answers:
        ending = f"NVIDIA's library does not answer: {answers['']['reason']}"
    missing = {"state": "unknown", "reason": ending}
    return {
        PREFIX + name: Fact.model_validate({**answers.get(name, missing), "role": fact.role, "source": fact.source})
        for name, fact in {**OF_THE_SYSTEM, **OF_A_DEVICE}.items()
    }


def _all(state: str, reason: str) -> dict[str, Fact]:
    return {
        key: Fact.model_validate({"state": state, "reason": reason, "role": fact.role, "source": fact.source})
        for key, fact in DECLARED.items()
    }
