"""Processes of the audited Python in containers of a real engine: what they may do, how they end, what is left."""

from __future__ import annotations

import json
import shutil
import sys
import time

import pytest

from auditor import shipped
from auditor.cli import main
from auditor.container.engine import image
from auditor.errors import UsageError
from auditor.interpreter import conversation
from auditor.interpreter.conversation import Limits, Request, ask
from auditor.interpreter.replies import Crashed, Ok

pytestmark = pytest.mark.engine

HERE = ("--check", "python-hash-seed", "--fail-on", "critical", "--json")
CHECK = '''"""
A check that {name}, for tests of the launcher.

Why: a test.

Remedy: none.
"""
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical")

def measure(settings):
{body}
'''
BODIES = {
    "good": "    return {'fine': 1}",
    "segfaults": "    import ctypes; ctypes.string_at(0)",
    "exits": "    import os; os._exit(7)",
    "hangs": "    import time\n    while True: time.sleep(1)",
    "prints": "    import os; os.write(2, b'words of a crash'); os._exit(3)",
    "sees": """    import os, socket
    told = {}
    try:
        socket.create_connection(('192.0.2.1', 9), timeout=2)
        told['network'] = 'open'
    except OSError as problem:
        told['network'] = 'Network is unreachable' in str(problem)
    for place in ('/', os.path.dirname(__file__), os.path.expanduser('~')):
        try:
            open(os.path.join(place, 'written'), 'w').close()
            told['wrote'] = place
        except OSError:
            pass
    status = open('/proc/self/status').read()
    told['capabilities'] = [line.split()[1] for line in status.splitlines() if line.startswith('CapEff')]
    told['new_privileges'] = 'NoNewPrivs:\\t1' in status
    told['interfaces'] = sorted(os.listdir('/sys/class/net'))
    told['hash_seed'] = os.environ.get('PYTHONHASHSEED', '')
    return {'told': told}""",
}


@pytest.fixture(autouse=True)
def payload(tmp_path, monkeypatch):
    """A copy of the payload with checks that misbehave in it."""
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, body in BODIES.items():
        (copy / "python" / f"{name}.py").write_text(CHECK.format(name=name, body=body))
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)
    return copy


@pytest.fixture
def launcher(engine, tmp_path):
    """The launcher of the base image."""
    chosen = image.choose(engine.client, engine.base)
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    return image.launcher(chosen, image.discover(chosen), cache)


def replies(launcher, *checks, seconds=60.0, **settings):
    """What a container answers to these checks, without the line that it is ready."""
    steps = [{"check": f"python-{name}", "repeats": 1} for name in checks]
    request = Request(
        "measure", steps=steps, settings={name.replace("_", "-"): told for name, told in settings.items()}
    )
    return list(ask(launcher, request, Limits(seconds)))[1:]


def test_a_container_can_read_and_compute_and_nothing_else(launcher):
    """No network but itself, no file of the image or of the payload, no capability and no way to gain one."""
    (answer,) = replies(launcher, "sees", hash_seed="2")

    assert isinstance(answer, Ok)
    told = answer.repeats[0]["told"]
    assert told == {
        "network": True,
        "capabilities": ["0000000000000000"],
        "new_privileges": True,
        "interfaces": ["lo"],
        "hash_seed": "2",
    }


@pytest.mark.slow
def test_a_crash_costs_its_own_check(launcher):
    """A segmentation fault, an exit and a hang: each is told, and the checks after it are measured."""
    found = replies(launcher, "good", "segfaults", "exits", "prints", "hangs", "good", seconds=6.0)
    crashes = {one.step["check"]: one for one in found if isinstance(one, Crashed)}

    assert [one.check for one in found if isinstance(one, Ok)] == ["python-good", "python-good"]
    assert "SIGSEGV" in crashes["python-segfaults"].problem
    assert crashes["python-exits"].problem == "exit code 7"
    assert "words of a crash" in crashes["python-prints"].stderr
    assert "gave no answer within 6 s" in crashes["python-hangs"].problem
    assert "measure" in crashes["python-hangs"].stderr  # faulthandler says where


def test_nothing_is_left_behind(launcher):
    """Containers are removed, also that of a conversation which is given up."""
    before = {one.id for one in launcher.client.containers.list(all=True)}
    replies(launcher, "exits")
    conversation = ask(launcher, Request("measure", steps=[{"check": "python-hangs", "repeats": 1}]), Limits(60))
    next(conversation)
    time.sleep(0.5)
    conversation.close()

    assert {one.id for one in launcher.client.containers.list(all=True)} <= before


@pytest.mark.slow
def test_an_image_is_audited_without_installing_anything(engine, tmp_path, monkeypatch, capsys):
    """The manifest is about the image, and its facts are those of the inside."""
    output = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["auditor", "audit", "--image", engine.base, "-o", str(output), *HERE])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SystemExit):
        main()
    manifest = json.loads((output / "manifest.json").read_text())
    facts, run = manifest["predicate"]["facts"], manifest["predicate"]["run"]

    name, _, digest = engine.base.partition("@sha256:")
    assert {"name": f"oci:{name}", "digest": {"sha256": digest}} in manifest["subject"]
    assert facts["host.os.id"]["value"] == "debian"
    assert facts["host.container.image_id"]["value"].startswith("sha256:")
    assert "in the image" in run["pythonReason"]
    assert json.loads(capsys.readouterr().out)["exitCode"] == 0


@pytest.mark.parametrize("name", ["auditor-test-no-such-image", "x --privileged", "-v", "a\nb", ""])
def test_what_is_no_image_is_refused_before_anything_runs(engine, name):
    """Nothing is pulled, and a name is never an option."""
    with pytest.raises(UsageError):
        image.choose(engine.client, name)


def test_an_image_without_python_says_so(engine):
    """What was looked for is named; a path that is given and is no Python is told apart."""
    chosen = image.choose(engine.client, engine.base)

    with pytest.raises(UsageError, match="no Python answers"):
        image.discover(chosen, "/no/such/python")
