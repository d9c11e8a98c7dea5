"""A check's own fresh interpreters: they have its settings and its set-up file, and their failures are its errors."""

import shutil
import sys

import pytest

from auditor import shipped
from auditor.interpreter import conversation
from auditor.interpreter.conversation import Request, ask
from auditor.interpreter.launcher import Here
from auditor.interpreter.replies import Failed, Ok

STARTS = '''"""
What fresh interpreters of a check answer, for tests.

Why: a training that is continued in a process which was prepared otherwise proves nothing.

Remedy: none is needed.
"""
from ..process import child
from ..declare import Check
CHECK = Check(severity="low", tier="quick", rule="identical", isolates=True)

def measure(settings):
    ways = ["python.starts.tell"] * 3
    return {"told": child.run_all([(way, {"number": n}, {"RANK": str(n)}) for n, way in enumerate(ways)], LIMIT)}

def tell(arguments):
    import builtins, os, sys
    return {
        "number": arguments["number"], "rank": os.environ["RANK"], "planted": getattr(builtins, "planted", None),
        "pid": os.getpid() != os.getppid(), "seed": os.environ.get("PYTHONHASHSEED"),
    }
'''
FAILS = STARTS.replace('return {\n        "number"', '{body}\n    return {\n        "number"')


@pytest.fixture
def answer(tmp_path, monkeypatch):
    """The reply of a check that starts children, whose function begins with these lines."""

    def ask_it(body="pass", limit="60", **request):
        copy = tmp_path / "payload" / "checks"
        shutil.copytree(
            shipped.folder("checks"), copy, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
        (copy / "python" / "starts.py").write_text(FAILS.replace("{body}", body).replace("LIMIT", limit))
        monkeypatch.setattr(conversation, "folder", lambda name: copy.parent / name)
        *_, reply = ask(
            Here(sys.executable), Request("measure", steps=[{"check": "python-starts", "repeats": 1}], **request)
        )
        return reply

    return ask_it


def test_children_answer_in_order_with_their_own_environment(answer):
    """Three at the same time, each told its rank."""
    reply = answer()

    assert isinstance(reply, Ok), reply
    assert [(each["number"], each["rank"]) for each in reply.repeats[0]["told"]] == [(0, "0"), (1, "1"), (2, "2")]


def test_children_have_the_settings_and_the_set_up_file(answer, tmp_path):
    """A fault that is planted through the set-up file reaches them as it reaches their parent."""
    setup = tmp_path / "setup.py"
    setup.write_text("import builtins; builtins.planted = 'yes'")
    told = answer(setup=str(setup), settings={"hash-seed": "7"}).repeats[0]["told"]

    assert {(each["planted"], each["seed"]) for each in told} == {("yes", "7")}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no such layer')", "no such layer"),
        ("os._exit(9)", "ended with 9"),
        ("os.kill(os.getpid(), 11)", "ended with -11"),
        ("import time; time.sleep(60)", "gave no answer within 3 s"),
    ],
)
@pytest.mark.slow
def test_a_child_that_fails_is_the_error_of_its_check(answer, body, said):
    """Raised, exited, killed, hung: each is told, and none counts as a result."""
    reply = answer(body, limit="3" if "sleep" in body else "60")

    assert isinstance(reply, Failed), reply
    assert reply.error == "ChildFailed"
    assert said in reply.message
