"""The verbs of the payload's entry point, asked as the host asks them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from support import ROOT


def replies(folder, verb, request):
    """(exit code, reply lines) of one request."""
    request_path, reply_path = folder / "request.json", folder / "reply.jsonl"
    request_path.write_text(json.dumps(request))
    command = [sys.executable, "-B", str(ROOT / "checks" / "__main__.py"), verb, str(request_path), str(reply_path)]
    done = subprocess.run(command, check=False, capture_output=True)
    return done.returncode, [json.loads(line) for line in reply_path.read_text().splitlines()]


@pytest.mark.parametrize("verb", ["facts", "measures", ""])
def test_an_unknown_verb_is_a_known_error(tmp_path, verb):
    """`measure` answers steps of facts too: there is no verb of their own."""
    code, (line,) = replies(tmp_path, verb, {"steps": [{"facts": "python"}]})

    assert (0, "error", "request", f"unknown verb {verb!r}") == (code, line["tag"], line["stage"], line["message"])


def test_one_request_measures_checks_and_reads_facts(tmp_path):
    """`ready`, then one line for each step in order."""
    steps = [{"facts": "python"}, {"check": "python-hash-seed"}]
    code, lines = replies(tmp_path, "measure", {"steps": steps})

    assert (0, ["ready", "ok", "ok"]) == (code, [line["tag"] for line in lines])
    assert ("python", "python-hash-seed") == (lines[1]["facts"], lines[2]["check"])
    assert "value" == lines[1]["values"]["python.version"]["state"]


FIRST = '''"""It works before the other. Remedy: none."""
from ..declare import Check
CHECK = Check(tier="quick", rule="expected")
def measure(settings):
    import builtins
    builtins.worked = True
    return {}
'''
SECOND = '''"""It measures an untouched runtime. Remedy: none."""
from ..declare import Check
CHECK = Check(tier="quick", rule="expected", isolates=True, last=True)
TAKEN = []
def at_start():
    import builtins
    TAKEN.append(hasattr(builtins, "worked"))
def measure(settings):
    return {"worked before": TAKEN[0]}
'''


@pytest.mark.parametrize("fails", [False, True])
def test_a_check_can_measure_before_all_steps(tmp_path, fails):
    """What it keeps is of an untouched process; where that fails, the line of that check alone says so."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "first.py").write_text(FIRST)
    (own / "second.py").write_text(SECOND.replace("TAKEN.append", "raise OSError" if fails else "TAKEN.append"))
    steps = [{"check": "own-first"}, {"check": "own-second"}]
    code, lines = replies(tmp_path, "measure", {"steps": steps, "checks_from": str(own)})

    assert (0, ["ready", "ok", "error" if fails else "ok"]) == (code, [line["tag"] for line in lines])
    assert fails or [{"worked before": False}] == lines[2]["repeats"]
