"""The launcher of these tests: a fork answers as a process of its own does, and ends as one."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import support
from forking import Forking

from auditor.interpreter.conversation import Limits, Request, ask
from auditor.interpreter.launcher import Here
from auditor.interpreter.replies import Crashed, Ok

pytestmark = pytest.mark.frameworks
TELLS = """
import os, random, sys, tempfile, numpy, torch
from _auditor_checks.torch import same_seed
draws = [random.random(), numpy.random.random()]
same_seed.measure = lambda settings: {
    "pid": os.getpid(), "parent": os.getppid(), "session": os.getsid(0), "draws": draws,
    "temporary": tempfile.gettempdir(), "variable": os.environ.get("OF_A_TEST"),
    "seed": os.environ.get("PYTHONHASHSEED"), "path": list(sys.path), "main": sys.modules["__main__"].__file__,
    "settings": dict(settings),
}
"""


def asked(launcher, check, **request):
    """The replies of one process of torch or another framework that measures this check twice."""
    framework = check.partition("-")[0]
    steps = [{"check": check, "repeats": 2}]
    return list(ask(launcher(support.AUDITED), Request("measure", framework=framework, steps=steps, **request)))


@pytest.fixture
def told(tmp_path):
    """What a new process says about itself, as a fork or with a launcher that is given."""
    setup = tmp_path / "setup.py"
    setup.write_text(TELLS)

    def ask_it(launcher=Forking, **request):
        reply = asked(launcher, "torch-same-seed", setup=str(setup), **request)[-1]
        assert isinstance(reply, Ok), reply
        return reply.repeats[0]

    return ask_it


@pytest.mark.slow
@pytest.mark.parametrize(
    "check",
    [
        "torch-same-seed",
        *(pytest.param(f"{one}-same-seed", marks=pytest.mark.exhaustive) for one in ("tensorflow", "jax")),
    ],
)
def test_a_fork_measures_what_a_process_of_its_own_measures(check):
    """Two readings of a training, bit for bit."""
    (_, own), (_, forked) = asked(Here, check), asked(Forking, check)

    assert isinstance(own, Ok), own
    assert own.repeats == forked.repeats


def test_forks_are_processes_of_one_server_with_draws_of_their_own(told):
    """Each has its number, its session and its seeds, and the server never measures itself."""
    first, second = told(), told()

    assert first["parent"] == second["parent"] != os.getpid()
    assert first["pid"] == first["session"] != second["pid"]
    assert not set(first["draws"]) & set(second["draws"])


def test_a_fork_has_the_environment_and_the_paths_of_its_request(told, monkeypatch, tmp_path):
    """Variables that were set since the server started, the folder for temporary files, the door as the program."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    own, forked = told(Here), told()
    monkeypatch.setenv("OF_A_TEST", "1")
    changed = told(settings={"hash-seed": "7"})

    assert (own["path"], own["main"], str(tmp_path)) == (forked["path"], forked["main"], forked["temporary"])
    assert (None, "1", "7") == (forked["variable"], changed["variable"], changed["seed"])


CHILD_TELLS = """
import os, sys, torch
from _auditor_checks.process import child
from _auditor_checks.torch import same_seed
torch.planted = getattr(torch, "planted", 0) + 1  # twice in one process if it were forked from the measuring one
child.told = lambda arguments: [
    torch.planted, os.getpid(), os.environ.get("OF_A_TEST"), os.environ.get("XLA_FLAGS"), arguments["number"]
]
environments = [{"XLA_FLAGS": ""}, {"OF_A_TEST": "1"}]
same_seed.measure = lambda settings: {
    "told": child.run_all([("process.child.told", {"number": n}, more) for n, more in enumerate(environments)])
}
"""


def test_interpreters_of_a_check_are_forked_from_what_nothing_has_changed(tmp_path):
    """One that may be forked and one that may not: each ran the set-up file once, and has its own environment."""
    setup = tmp_path / "setup.py"
    setup.write_text(CHILD_TELLS)

    reply = asked(Forking, "torch-same-seed", setup=str(setup))[-1]

    assert isinstance(reply, Ok), reply
    (planted, first, *forked), (again, second, *started) = reply.repeats[0]["told"]
    assert (1, 1) == (planted, again)
    assert first != second
    assert [None, "", 0] == forked
    assert ["1", None, 1] == started


@pytest.mark.parametrize(
    ("body", "problem"), [("os.kill(os.getpid(), 11)", "killed by SIGSEGV"), ("os._exit(3)", "exit code 3")]
)
def test_a_fork_that_dies_is_a_crash(tmp_path, body, problem):
    """A signal and an exit code reach the host, and the server lives on."""
    setup = tmp_path / "setup.py"
    setup.write_text(
        f"import os\nfrom _auditor_checks.torch import same_seed\nsame_seed.measure = lambda settings: {body}\n"
    )

    crash = asked(Forking, "torch-same-seed", setup=str(setup))[-1]

    assert isinstance(crash, Crashed)
    assert problem == crash.problem
    assert isinstance(asked(Forking, "torch-same-seed")[-1], Ok)


def test_a_fork_that_hangs_is_ended(tmp_path):
    """It writes where it hangs, and is gone."""
    setup, told = tmp_path / "setup.py", tmp_path / "pid"
    setup.write_text(
        "import os, time\nfrom _auditor_checks.torch import same_seed\n"
        f"same_seed.measure = lambda settings: (open({str(told)!r}, 'w').write(str(os.getpid())), time.sleep(60))\n"
    )
    request = Request("measure", framework="torch", steps=[{"check": "torch-same-seed"}], setup=str(setup))

    crash = list(ask(Forking(support.AUDITED), request, Limits(step_seconds=2.0)))[-1]

    assert "gave no answer within 2 s" in crash.problem
    assert "setup.py" in crash.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), signal.SIGCONT)


def test_an_audit_may_fork_from_many_threads(told):
    """Threads that ask one server at the same time each get their own answer."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: told(settings={"number": str(number)})["settings"], range(4)))

    assert [{"number": str(number)} for number in range(4)] == found
