"""The runner with real processes that raise, segfault, hang, are killed, exhaust memory, print rubbish."""

import shutil
import sys
import threading
import time

import psutil
import pytest
import support

from auditor import shipped
from auditor.interpreter import conversation
from auditor.interpreter.conversation import Limits, Request, ask
from auditor.interpreter.launcher import Here
from auditor.interpreter.replies import Crashed, Failed, NotApplicable, Ok, Ready

ROGUE = '''"""
A check that misbehaves, for tests of the runner.

Why: {why}.

Remedy: none.
"""
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical")

def measure(settings):
{body}
'''

BODIES = {
    "raises": "    raise ValueError('planted')",
    "segfaults": "    import ctypes; ctypes.string_at(0)",
    "hangs": "    import time\n    while True: time.sleep(1)",
    "killed": "    import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "exits": "    import os; os._exit(7)",
    "exhausts": "    return {'x': len(bytearray(1 << 60))}",
    "prints": "    import os; os.write(1, b'\\x00{\"tag\": \"ok\"}\\n' * 99); print('rubbish'); return {'fine': 1}",
    "half_line": "    import sys; open(sys.argv[3], 'a').write('{\"tag\": \"ok\", \"chec'); return {'fine': 1}",
    "forged": """    import sys
    open(sys.argv[3], 'a').write('{"tag": "ok", "check": "python-good"}\\n')
    return {'a': 1}""",
    "forks": "    import os; os.fork(); return {'fine': 1}",
    "leaks_seed": "    import random; random.seed(1); return {'fine': 1}",
    "leaks_draw": "    import random; random.random(); return {'fine': 1}",
    "leaks_numpy_draw": "    import numpy; numpy.random.rand(); return {'fine': 1}",
    "leaks_environment": "    import os; os.environ['PLANTED'] = '1'; return {'fine': 1}",
    "unencodable": "    return {'text': '\\ud800', 'bytes': b'\\xff', 'nan': 1e999 * 0, 'huge': 2**70, 'zero': -0.0}",
    "good": "    return {'fine': 1}",
}


@pytest.fixture
def payload(tmp_path, monkeypatch):
    """A copy of the payload with misbehaving checks in it."""
    copy = tmp_path / "payload" / "checks"
    shutil.copytree(shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, body in BODIES.items():
        (copy / "python" / f"{name}.py").write_text(ROGUE.format(why=name, body=body))
    monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)
    return copy


LIMITS = Limits(20.0)


def replies(*checks, limits=LIMITS, python=sys.executable, **request):
    steps = [{"check": f"python-{name.replace('_', '-')}", "repeats": 1} for name in checks]
    return [
        reply
        for reply in ask(Here(python), Request("measure", steps=steps, **request), limits)
        if not isinstance(reply, Ready)
    ]


@pytest.mark.parametrize(
    ("rogue", "told"),
    [
        ("segfaults", "SIGSEGV"),
        ("killed", "SIGKILL"),
        ("exits", "exit code 7"),
        ("half_line", "invalid reply line"),
        ("forged", "unexpected answer"),
    ],
)
@pytest.mark.usefixtures("payload")
def test_a_check_that_takes_its_process_down_costs_only_itself(rogue, told):
    """The checks before and after it answer, the second in a new process; the crash names the guilty step."""
    before, crash, after = replies("good", rogue, "hash-seed")

    assert isinstance(before, Ok)
    assert isinstance(crash, Crashed)
    assert crash.step["check"] == f"python-{rogue.replace('_', '-')}"
    assert told in crash.problem
    assert isinstance(after, Ok)
    assert after.check == "python-hash-seed"


@pytest.mark.usefixtures("payload")
def test_a_check_that_raises_answers_with_its_error():
    """An exception is a known error: exit 0, its type, message and traceback in the reply."""
    failed, fine = replies("raises", "good")

    assert isinstance(failed, Failed)
    assert failed.error == "ValueError"
    assert failed.message == "planted"
    assert "raise ValueError" in failed.traceback
    assert isinstance(fine, Ok)


@pytest.mark.usefixtures("payload")
def test_memory_that_cannot_be_had_is_an_error_of_that_check():
    """An impossible allocation raises MemoryError and costs only its check."""
    failed, fine = replies("exhausts", "good")

    assert isinstance(failed, Failed)
    assert failed.error in ("MemoryError", "OverflowError")
    assert isinstance(fine, Ok)


@pytest.mark.usefixtures("payload")
def test_a_process_that_takes_too_much_memory_is_ended(monkeypatch, payload):
    """A check that grows is ended at the limit, before the machine is."""
    body = "    import time\n    hoard = [b'x' * (1 << 20) for _ in range(400)]\n    time.sleep(60)"
    (payload / "python" / "grows.py").write_text(ROGUE.format(why="grows", body=body))
    monkeypatch.setattr(conversation, "MEMORY_SHARE", 200 * 2**20 / psutil.virtual_memory().available)

    crash, fine = replies("grows", "good")

    assert isinstance(crash, Crashed)
    assert "GiB of memory" in crash.problem
    assert isinstance(fine, Ok)


@pytest.mark.usefixtures("payload")
def test_a_check_that_hangs_is_ended_and_says_where():
    """After the limit the process is ended; faulthandler names the line it hung at."""
    crash, fine = replies("hangs", "good", limits=Limits(1.5))

    assert isinstance(crash, Crashed)
    assert "no answer within 1.5 s" in crash.problem
    assert "hangs.py" in crash.stderr
    assert isinstance(fine, Ok)


@pytest.mark.usefixtures("payload")
def test_rubbish_on_the_streams_is_never_parsed():
    """What a framework prints changes nothing, even when it looks like a reply."""
    (fine,) = replies("prints")

    assert fine.repeats == [{"fine": 1}]


@pytest.mark.usefixtures("payload")
def test_a_forked_child_does_not_answer_for_its_parent():
    """A check that forks gives one answer, and no child goes on with the remaining steps."""
    first, second = replies("forks", "good")

    assert first.repeats == [{"fine": 1}]
    assert second.check == "python-good"


@pytest.mark.parametrize(
    ("rogue", "name"),
    [
        ("leaks_seed", "python random state"),
        ("leaks_draw", "python random state"),
        ("leaks_environment", "environment variables"),
    ],
)
@pytest.mark.usefixtures("payload")
def test_what_leaks_is_that_checks_error(rogue, name):
    """A check that leaves a changed generator or environment fails as contamination, whatever it measured."""
    (failed,) = replies(rogue)

    assert isinstance(failed, Failed)
    assert failed.error == "Contamination"
    assert name in failed.message


@pytest.mark.frameworks
@pytest.mark.usefixtures("payload")
def test_one_draw_of_numpys_generator_is_a_leak():
    """It moves the position alone; the key changes once in 624 draws."""
    (failed,) = replies("leaks_numpy_draw", python=support.AUDITED, framework="torch")

    assert "numpy random state" in failed.message


@pytest.mark.usefixtures("payload")
def test_values_that_json_cannot_carry_arrive_whole():
    """Surrogates, bytes, NaN, 2^70 and -0.0 have each a portable form."""
    (fine,) = replies("unencodable")

    assert fine.repeats == [
        {"text": {"b64": "7aCA"}, "bytes": {"b64": "/w=="}, "nan": "nan", "huge": hex(2**70), "zero": "-0x0.0p+0"}
    ]


def test_a_set_up_file_that_fails_stops_the_process_once(tmp_path):
    """The stage is named, and no step is tried under settings that were never made."""
    setup = tmp_path / "setup.py"
    setup.write_text("raise SystemExit('my experiment is broken')")
    (failed,) = replies("hash-seed", setup=str(setup))

    assert isinstance(failed, Failed)
    assert failed.stage == "setup"
    assert "my experiment is broken" in failed.message


def test_a_python_that_dies_before_it_is_ready_is_asked_once(tmp_path):
    """Its one answer is a crash without a step: asking again would die again."""
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\necho dying >&2\nexit 3\n")
    dying.chmod(0o755)
    (crash,) = replies("hash-seed", "hash-seed", python=str(dying))

    assert crash == Crashed({}, "exit code 3", "dying")


@pytest.mark.usefixtures("payload")
def test_a_stop_ends_the_process_and_its_children(payload):
    """When an audit is interrupted nothing of it goes on running."""
    body = """    import subprocess, sys, time
    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(97)'])
    time.sleep(60)"""
    (payload / "python" / "spawns.py").write_text(ROGUE.format(why="spawns", body=body))
    stop = threading.Event()
    threading.Timer(1.5, stop.set).start()
    started = time.monotonic()
    steps = [{"check": "python-spawns", "repeats": 1}]
    answers = list(ask(Here(sys.executable), Request("measure", steps=steps), Limits(60), stop))

    assert time.monotonic() - started < 20
    assert [type(answer) for answer in answers] == [Ready]
    assert not [
        process
        for process in psutil.process_iter(["cmdline"])
        if "time.sleep(97)" in (process.info["cmdline"] or [""])[-1]
    ]


def test_an_absent_framework_is_not_applicable():
    """The host's own interpreter holds no framework: its checks say so instead of failing."""
    steps = [{"check": "torch-same-seed", "repeats": 1}]
    answers = list(ask(Here(sys.executable), Request("measure", framework="torch", steps=steps)))

    assert [type(answer) for answer in answers] == [Ready, NotApplicable]
    assert "torch is not installed" in answers[1].reason


@pytest.mark.usefixtures("payload")
def test_a_process_waits_at_its_gate_and_its_time_begins_there():
    """It says that it is ready and measures nothing; the time limit counts from the opening."""
    gate = threading.Event()
    conversation = ask(
        Here(sys.executable), Request("measure", steps=[{"check": "python-good"}]), Limits(3.0), threading.Event(), gate
    )
    began = time.monotonic()
    assert isinstance(next(conversation), Ready)
    threading.Timer(4.0, gate.set).start()
    reply = next(conversation)

    assert isinstance(reply, Ok)
    assert time.monotonic() - began >= 4.0
    assert [] == list(conversation)


def test_what_a_check_left_for_the_end_is_done(payload, tmp_path):
    """The interpreter is not taken apart at the end, yet functions registered with atexit run."""
    mark = tmp_path / "mark"
    body = f"    import atexit; atexit.register(open, {str(mark)!r}, 'w'); return {{'fine': 1}}"
    (payload / "python" / "registers.py").write_text(ROGUE.format(why="registers", body=body))

    assert [Ok] == [type(reply) for reply in replies("registers")]
    assert mark.exists()


def test_a_thread_that_a_check_left_is_waited_for(payload, tmp_path):
    """As the interpreter does for one that is no daemon."""
    mark = tmp_path / "mark"
    body = f"""    import threading, time
    threading.Thread(target=lambda: (time.sleep(1), open({str(mark)!r}, 'w'))).start()
    return {{'fine': 1}}"""
    (payload / "python" / "threads.py").write_text(ROGUE.format(why="threads", body=body))

    assert [Ok] == [type(reply) for reply in replies("threads")]
    assert mark.exists()
