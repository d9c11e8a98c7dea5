"""Real commands: what is recorded of each of their Pythons, and that the program does not feel it."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from support import AUDITED, ROOT, older_pythons

from auditor.audit import defaults
from auditor.catalogue import catalogue
from auditor.errors import UsageError
from auditor.real_run import run as real_run
from auditor.real_run.recordings import NOT_SEEN

GROUPS = catalogue.load().groups
DECLARED = {"PYTHONPATH", "AUDITOR_EXIT_FACTS"}
"""What a child that is no Python finds in its environment."""


@pytest.fixture
def script(tmp_path):
    """A Python file with that text."""

    def write(text, name="script.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture
def run():
    """Run a command; what it prints is thrown away."""
    with Path(os.devnull).open("wb") as sink:
        yield lambda *command: real_run.run(list(map(str, command)), GROUPS, stdout=sink.fileno())


@pytest.fixture
def streams(tmp_path, monkeypatch, capfdbinary):
    """(stdout, stderr, exit code) of a command, recorded or plain."""
    monkeypatch.chdir(tmp_path)

    def both(*command, recorded):
        words = list(map(str, command))
        if recorded:
            code = real_run.run(words, ()).exit_code
            return (*capfdbinary.readouterr(), code)
        done = subprocess.run(words, capture_output=True, check=False, timeout=60, env=dict(os.environ))
        return done.stdout, done.stderr, done.returncode

    return both


def everyone(seen):
    """All recorded processes of a run."""
    return [process for process in (seen.main, *seen.processes) if process and process.recorded]


def programs(seen):
    """Their names."""
    return sorted(process.worker or process.program for process in everyone(seen))


# ------------------------------------------------------------------------------------------------ ways to end


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pass", 0),
        ("import sys; sys.exit(7)", 7),
        ("raise ValueError('planted')", 1),
        ("raise KeyboardInterrupt", -signal.SIGINT),
        ("import atexit\n@atexit.register\ndef last(): raise ValueError('late')", 0),
        ("import sys; sys.stdout.close()", 0),
        ("import os; os.close(1); os.close(2); os.close(0)", 0),
        ("import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)", 0),
        ("import threading\nthreading.Thread(target=lambda: None).start()", 0),
    ],
)
def test_facts_are_taken_at_every_ordinary_end_and_the_exit_code_is_kept(run, script, text, code):
    """The end of the script, sys.exit, an exception, a failing exit handler, closed streams."""
    seen = run(sys.executable, script(text))

    assert seen.exit_code == code
    assert seen.main.problems == []
    assert seen.main.facts["python.version"].value == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("import os; os._exit(7)", 7),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ],
)
def test_an_end_that_cannot_be_seen_is_reported_as_such(run, script, text, code):
    """os._exit and signals run no exit handler: the process is named, and its facts are not made up."""
    seen = run(sys.executable, script(text))
    (process,) = seen.processes

    assert seen.exit_code == code
    assert seen.main is None
    assert process.program == "script.py"
    assert process.problems == [NOT_SEEN]


@pytest.mark.parametrize("flag", ["-I", "-E", "-S"])
def test_an_isolated_python_is_not_seen_at_all(run, flag):
    """These flags keep Python from PYTHONPATH or from sitecustomize; the documentation says so."""
    seen = run(sys.executable, flag, "-c", "pass")

    assert seen.main is None
    assert seen.processes == []


def test_the_program_of_a_script_a_module_and_an_archive_is_digested(run, script, tmp_path, monkeypatch):
    """Python forgets a script's file before the exit handlers run; its bytes are found all the same."""
    path = Path(script("import os; os.chdir('/')", "program.py"))
    archive = tmp_path / "program.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("__main__.py", "pass")
    monkeypatch.chdir(tmp_path)
    seen = {
        "script": run(sys.executable, "program.py").main.facts["code.program"],
        "module": run(sys.executable, "-m", "program").main.facts["code.program"],
        "archive": run(sys.executable, archive).main.facts["code.program"],
    }
    digests = [hashlib.sha256(one.read_bytes()).hexdigest() for one in (path, path, archive)]

    assert [fact.value for fact in seen.values()] == digests


def test_a_program_that_is_no_file_or_gone_says_so(run, script):
    """Of -c there is none; one that removes itself is unknown, and no error of ours."""
    typed = run(sys.executable, "-c", "pass").main.facts["code.program"]
    gone = run(sys.executable, script("import os; os.remove(__file__)")).main.facts["code.program"]

    assert (typed.state, gone.state) == ("not-applicable", "unknown")
    assert "No such file" in gone.reason


def test_what_an_exit_handler_sets_is_seen(run, script):
    """Ours was registered first and so runs last."""
    seen = run(sys.executable, script("import atexit, sys\natexit.register(sys.setrecursionlimit, 4321)"))

    assert seen.main.facts["python.recursion_limit"].value == 4321


def test_taking_that_fails_is_an_error_and_not_the_programs_problem(streams, run, script):
    """A program that breaks Python itself still prints and ends as it does without us."""
    path = script("import os, sys\nprint('fine')\nsys.stdout.flush()\nos.listdir = None")
    seen = run(sys.executable, path)

    assert seen.exit_code == 0
    assert any("TypeError" in problem for problem in (seen.main or seen.processes[0]).problems)
    assert streams(sys.executable, path, recorded=True) == streams(sys.executable, path, recorded=False)


def test_a_reading_that_hangs_is_ended_in_time(run, script, tmp_path, monkeypatch):
    """The time limit interrupts the group; the others have answered, and the process ends."""
    import shutil

    copy = tmp_path / "payload" / "checks"
    shutil.copytree(ROOT / "checks", copy, ignore=shutil.ignore_patterns("__pycache__"))
    hanging = "import time\nfrom .. import fact\nKEYS = {}\ndef collect(request):\n    time.sleep(60)\n"
    (copy / "facts" / "zz_hangs.py").write_text(hanging)
    taking = copy / "recorders" / "exit_facts" / "taking.py"
    taking.write_text(taking.read_text().replace("TIME_LIMIT_SECONDS = 30", "TIME_LIMIT_SECONDS = 3"))
    monkeypatch.setattr(real_run, "folder", lambda _: copy)
    started = time.monotonic()
    seen = run(sys.executable, script("import sys; sys.exit(4)"))

    assert time.monotonic() - started < 40
    assert seen.exit_code == 4
    assert seen.main.problems == ["zz_hangs: TooLong: no answer within 3 s"]
    assert seen.main.facts["python.version"].state == "value"


# --------------------------------------------------------------------------------------------------- children

MULTIPROCESSING = """
import multiprocessing, sys
def work():
    sys.setrecursionlimit(4321)
if __name__ == "__main__":
    child = multiprocessing.get_context("{method}").Process(target=work, name="the-worker")
    child.start(); child.join(); sys.exit(child.exitcode)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_multiprocessing_are_recorded(run, script, method):
    """They end without exit handlers: a finalizer takes their facts after their work."""
    seen = run(sys.executable, script(MULTIPROCESSING.format(method=method)))
    (worker,) = [process for process in everyone(seen) if process.worker == "the-worker"]

    assert seen.exit_code == 0
    assert worker.problems == []
    assert worker.parent
    assert worker.facts["python.recursion_limit"].value == 4321
    assert seen.main.facts["python.recursion_limit"].value != 4321


def test_a_worker_that_raises_is_recorded(run, script):
    """Its finalizers run, too."""
    text = MULTIPROCESSING.format(method="fork").replace("sys.setrecursionlimit(4321)", "raise ValueError")
    seen = run(sys.executable, script(text))

    assert seen.exit_code == 1
    assert programs(seen) == ["script.py", "the-worker"]


@pytest.mark.parametrize(
    "start",
    [
        "subprocess.run([sys.executable, child], check=True)",
        "subprocess.run([sys.executable, child], check=True, env=dict(os.environ))",
        "subprocess.run([sys.executable, child], check=True, env={})",
        "subprocess.run([sys.executable, child], check=True, close_fds=False)",
        "subprocess.run([sys.executable, child], check=True, preexec_fn=lambda: None)",
        "os.environ['PYTHONPATH'] = '/nowhere'; subprocess.run([sys.executable, child], check=True)",
        "os.environ.clear(); subprocess.run([sys.executable, child], check=True)",
        "os.waitpid(os.posix_spawn(sys.executable, [sys.executable, child], os.environ), 0)",
        "os.spawnve(os.P_WAIT, sys.executable, [sys.executable, child], dict(os.environ))",
        "os.system(f'{sys.executable} {child}')",
        "subprocess.run(['sh', '-c', f'{sys.executable} {child}; true'], check=True)",
    ],
)
def test_child_pythons_are_recorded_however_they_are_started(run, script, start):
    """Inherited, copied, cleaned environments; shells between."""
    child = script("import sys; sys.setrecursionlimit(4321)", "child.py")
    seen = run(sys.executable, script(f"import os, subprocess, sys\nchild = {child!r}\n{start}"))
    (process,) = [process for process in everyone(seen) if process.program == "child.py"]

    assert seen.exit_code == 0
    assert seen.main.program == "script.py"
    assert process.facts["python.recursion_limit"].value == 4321
    assert process.parent


@pytest.mark.parametrize(
    ("end", "names"), [("sys.exit(0)", ["script.py", "script.py"]), ("os._exit(0)", ["script.py"])]
)
def test_plain_forks_are_recorded_unless_they_leave_at_once(run, script, end, names):
    """A child of os.fork that ends as programs end has its facts; os._exit is reported as not seen."""
    seen = run(sys.executable, script(f"import os, sys\nif os.fork() == 0:\n    {end}\nos.wait()"))
    unseen = [process.problems for process in seen.processes if not process.recorded]

    assert programs(seen) == names
    assert unseen == [[NOT_SEEN]] * (2 - len(names))


def test_a_python_that_becomes_another_one_is_main(run, script):
    """After exec the process id is the same, and the program another."""
    child = script("pass", "child.py")
    seen = run(sys.executable, script(f"import os, sys\nos.execv(sys.executable, [sys.executable, {child!r}])"))

    assert seen.main.program == "child.py"
    assert "host.packages" in seen.main.facts
    assert [process.problems for process in seen.processes] == [[NOT_SEEN]]


def test_a_shell_scripts_python_is_main(run, script):
    """The command need not be a Python itself."""
    seen = run("sh", "-c", f"{sys.executable} {script('pass')}; exit 5")

    assert seen.exit_code == 5
    assert seen.main.program == "script.py"


def test_an_audit_of_a_run_inside_another_is_left_to_itself(run, script):
    """The inner one's processes belong to the inner one."""
    inner = script(
        "from auditor.catalogue import catalogue\nfrom auditor.real_run import run\nimport sys\n"
        "seen = run.run([sys.executable, '-c', 'pass'], catalogue.load().groups)\n"
        "sys.exit(0 if seen.main and seen.main.recorded else 1)"
    )

    assert run(sys.executable, inner).exit_code == 0


# -------------------------------------------------------------------------------------- the program feels nothing

LOOK = """
import json, os, sys
print(json.dumps({"environ": dict(os.environ), "path": sys.path, "modules": sorted(sys.modules), "argv": sys.argv,
                  "flags": list(sys.flags), "sitecustomize": getattr(sys.modules.get("sitecustomize"), "__file__", ""),
                  "cache": sorted(sys.path_importer_cache), "hooks": len(sys.meta_path), "fds": os.listdir("/dev/fd"),
                  "signals": str([__import__("signal").getsignal(n) for n in range(1, 32)])}))
"""


@pytest.mark.parametrize("pythonpath", [None, "", "relative:/absolute", "/one::/two"])
@pytest.mark.parametrize("python", older_pythons()[::4])
def test_environment_and_search_path_are_as_without_us(streams, script, monkeypatch, pythonpath, python):
    """Identical but for one module of the standard library, which is declared."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if pythonpath is not None:
        monkeypatch.setenv("PYTHONPATH", pythonpath)
    path = script(LOOK)
    (plain, _, _), (recorded, errors, _) = (streams(python, path, recorded=one) for one in (False, True))
    without, within = json.loads(plain), json.loads(recorded)

    assert set(within.pop("modules")) - set(without.pop("modules")) <= {"_posixsubprocess", "atexit"}
    assert errors == b""
    assert within == without


def test_a_child_that_is_no_python_sees_two_variables(streams, script):
    """What is declared: the rest of its environment is as without us."""
    path = script("import subprocess\nsubprocess.run(['env'])")
    (plain, _, _), (recorded, _, _) = (streams(sys.executable, path, recorded=one) for one in (False, True))
    added = set(recorded.splitlines()) - set(plain.splitlines())

    assert {line.partition(b"=")[0].decode() for line in added} == DECLARED


@pytest.mark.parametrize(
    "text",
    [
        "print('to stdout'); import sys; print('to stderr', file=sys.stderr)",
        "import sys; sys.stdout.write('no end of line')",
        "import os; os.write(1, bytes(range(256))); print('buffered')",
        "import os; print('lost'); os.close(1)",
        "raise ValueError('planted')",
        "import subprocess; subprocess.run(['/does/not/exist'])",
        "import threading, time\ndef late(): time.sleep(0.1); print('late')\nthreading.Thread(target=late).start()",
    ],
)
def test_both_streams_are_byte_for_byte_the_programs(streams, script, text):
    """The recorder never prints, closes nothing, and stands in no traceback."""
    path = script(text)

    assert streams(sys.executable, path, recorded=True) == streams(sys.executable, path, recorded=False)


def test_modules_beside_the_script_are_not_run_at_its_end(streams, run, script):
    """A file named like a module of the standard library, which only we import."""
    for name in ("platform", "json", "dataclasses", "csv", "socket", "ctypes"):
        script(f"print('{name} of the user')", f"here/{name}.py")
    path = script("print('mine')", "here/script.py")

    assert streams(sys.executable, path, recorded=True) == (b"mine\n", b"", 0)
    assert run(sys.executable, path).main.problems == []


@pytest.mark.parametrize("flags", [("-W", "error", "-X", "dev"), ("-O", "-s")])
def test_flags_of_python_change_nothing_here(streams, run, script, flags):
    """Warnings as errors, development mode, optimisation, a safe path."""
    path = script("print('mine')")

    assert streams(sys.executable, *flags, path, recorded=True) == (b"mine\n", b"", 0)
    assert run(sys.executable, *flags, path).main.problems == []


@pytest.mark.parametrize(
    "text",
    [
        "print('the user\\'s own ran')",
        "raise ValueError('planted')",
        "import nothing_of_that_name",
        "import sys; print(__file__, __name__, sys.modules[__name__].__spec__.origin)",
    ],
)
def test_the_users_own_sitecustomize_runs_as_ever(streams, script, monkeypatch, text):
    """The next one along sys.path, and Python words its errors as it always does."""
    own = script(text, "own/sitecustomize.py")
    monkeypatch.setenv("PYTHONPATH", str(Path(own).parent))
    path = script("import sys; print('main', 'sitecustomize' in sys.modules)")
    plain = streams(sys.executable, path, recorded=False)

    assert plain[0] + plain[1] != b"main False\n"
    assert streams(sys.executable, path, recorded=True) == plain


def test_a_sitecustomize_that_ends_python_still_does(run, script, monkeypatch):
    """Python calls it a fatal error; its traceback has one more entry, which is declared."""
    own = script("raise SystemExit(3)", "own/sitecustomize.py")
    monkeypatch.setenv("PYTHONPATH", str(Path(own).parent))
    plain = subprocess.run([sys.executable, "-c", "pass"], check=False, capture_output=True)

    assert run(sys.executable, "-c", "pass").exit_code == plain.returncode != 0


def test_standard_input_is_the_programs(script):
    """It reads what was given to us."""
    path = script("import sys; print(sys.stdin.read().upper())")
    code = f"from auditor.real_run import run; run.run([{sys.executable!r}, {path!r}], ())"
    done = subprocess.run([sys.executable, "-c", code], input=b"typed", capture_output=True, check=True)

    assert done.stdout == b"TYPED\n"


def test_a_signal_to_us_reaches_the_command(script, tmp_path):
    """SIGTERM and SIGUSR1 are passed on; the command decides what they do."""
    path = script(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        f"open({str(tmp_path / 'ready')!r}, 'w').close()\n"
        "time.sleep(30)"
    )
    code = (
        "from auditor.real_run import run; import sys\n"
        f"seen = run.run([{sys.executable!r}, {path!r}], ()); sys.exit(seen.exit_code + 10 * seen.interrupted)"
    )
    outer = subprocess.Popen([sys.executable, "-c", code])
    while not (tmp_path / "ready").exists():
        time.sleep(0.02)
    outer.send_signal(signal.SIGTERM)

    assert outer.wait(20) == 19


def test_our_own_handlers_come_back(run):
    """Whatever the caller had installed is installed again."""
    before = [signal.getsignal(number) for number in range(1, 32)]
    run(sys.executable, "-c", "pass")

    assert [signal.getsignal(number) for number in range(1, 32)] == before


@pytest.mark.frameworks
def test_nothing_heavy_is_imported(run, script):
    """A script that imports nothing has no framework afterwards, and its facts say who did not import it."""
    path = script("import atexit, sys\natexit.register(print, 'torch' in sys.modules)")
    seen = run(AUDITED, path)

    assert seen.main.frameworks == ()
    for key, name in (("torch.version", "torch"), ("numpy.version", "numpy"), ("jax.version", "jax")):
        assert seen.main.facts[key].state == "not-applicable"
        assert seen.main.facts[key].reason == f"this process did not import {name}"


def test_nothing_is_left_beside_the_payload(run):
    """Bytecode goes to the scratch folder, which is gone afterwards."""
    recorders = ROOT / "checks" / "recorders" / "exit_facts"
    before = sorted(recorders.rglob("*"))
    run("env", "-u", "PYTHONDONTWRITEBYTECODE", sys.executable, "-c", "pass")

    assert sorted(recorders.rglob("*")) == before


# ------------------------------------------------------------------------------------------------- other cases


def test_a_command_that_does_not_exist_is_a_usage_error(run):
    """Nothing ran: exit code 2, and the command is named."""
    with pytest.raises(UsageError, match="/does/not/exist"):
        run("/does/not/exist")


@pytest.mark.parametrize("python", [*older_pythons()[:1], *older_pythons()[-2:]])
def test_every_python_is_recorded(run, python):
    """From 3.8 to the newest."""
    seen = run(python, "-c", "import multiprocessing as m; p = m.get_context('fork').Process(); p.start(); p.join()")

    assert [process.problems for process in (seen.main, *seen.processes)] == [[], []]
    assert seen.main.facts["python.implementation"].value == "CPython"


def test_secrets_of_the_run_are_not_recorded(run, script, monkeypatch):
    """Neither in facts nor in the program's name."""
    monkeypatch.setenv("PLANTED_TOKEN", "hf_PlantedPlantedPlantedPlanted012345")
    monkeypatch.setenv("TF_PLANTED_PASSWORD", "correct horse battery")
    path = script("pass", "hf_PlantedPlantedPlantedPlanted012345.py")
    seen = run(sys.executable, path, "--token", "hf_PlantedPlantedPlantedPlanted012345")
    written = repr([seen.main.program, seen.main.facts])

    assert "PlantedPlanted" not in written
    assert "correct horse" not in written


def test_rubbish_in_a_reply_file_is_a_problem_of_that_process(run, script):
    """The program can write where we read: what is no reply line is named and not believed."""
    path = script(
        "import glob, os, tempfile\n"
        "for found in glob.glob(os.path.join(tempfile.gettempdir(), 'auditor-run-*', 'replies', f'{os.getpid()}-*')):\n"
        "    open(found, 'a').write('rubbish\\n')"
    )
    seen = run(sys.executable, path)

    assert seen.main.problems == ["wrote an invalid reply line: b'rubbish'"]


# ------------------------------------------------------------------------------------------------- frameworks


@pytest.fixture(scope="module")
def bare():
    """Facts of bare interpreters, asked once."""
    return defaults.Defaults(catalogue.load())


@pytest.mark.frameworks
@pytest.mark.slow
def test_torch_switches_of_the_run_and_of_its_loader_workers(run, script, bare):
    """Determinism, threads and seed as the experiment set them, beside the defaults."""
    path = script(
        "import torch\n"
        "from torch.utils.data import DataLoader\n"
        "torch.use_deterministic_algorithms(True); torch.set_num_threads(1); torch.manual_seed(7)\n"
        "list(DataLoader(list(range(4)), num_workers=2))"
    )
    seen = run(AUDITED, path)
    changed = defaults.differences(bare.of(seen.main), seen.main.facts)
    workers = [process for process in seen.processes if process.worker]

    assert changed["torch.deterministic"].default.value is False
    assert changed["torch.deterministic"].real.value is True
    assert changed["torch.seed"].real.value == 7
    assert "torch.onednn.enabled" not in changed
    assert seen.main.facts["torch.threads.intra"].value == 1
    assert any("libtorch_cpu" in one["library"] for one in seen.main.facts["torch.libraries.loaded"].value)
    assert len(workers) == 2
    assert all(process.facts["torch.deterministic"].value is True for process in workers)


@pytest.mark.frameworks
def test_a_torch_run_that_sets_nothing_differs_in_nothing(run, script, bare):
    """The negative control: a random seed is no seed, and no switch is invented."""
    seen = run(AUDITED, script("import torch"))

    assert list(defaults.differences(bare.of(seen.main), seen.main.facts)) == []


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("framework", "key", "state"),
    [
        ("jax", "jax.devices", "unknown"),
        ("jax", "jax.devices", "value"),
        ("tensorflow", "tensorflow.threads.intra", "unknown"),
        ("tensorflow", "tensorflow.threads.intra", "value"),
    ],
)
def test_a_backend_is_never_started_by_us(run, script, framework, key, state):
    """What the program did not start stays unknown, with the reason; what it did is read before it is taken down."""
    zeros = {"jax": "jax.numpy.zeros(3)", "tensorflow": "tensorflow.zeros(3)"}[framework]
    seen = run(AUDITED, script(f"import {framework}\n" + (zeros if state == "value" else "")))

    assert seen.main.facts[key].state == state
    assert [problem for process in (seen.main, *seen.processes) for problem in process.problems] == []
    if state == "unknown":
        assert "never started" in seen.main.facts[key].reason


@pytest.mark.frameworks
def test_frameworks_print_nothing_more_at_the_end(streams, script):
    """Not even after the newer precision interface was used, which makes torch complain about reads of the older."""
    path = script(
        "import jax, torch\n"
        "torch.backends.fp32_precision = 'tf32'; torch.zeros(3).numpy(); jax.numpy.zeros(3)\n"
        "print(float(torch.ones(3).sum()))"
    )

    assert streams(AUDITED, path, recorded=True) == streams(AUDITED, path, recorded=False)


@pytest.mark.frameworks
def test_every_rank_of_torchrun_is_recorded(run, script):
    """The launcher gives its ranks an environment of their own."""
    path = script("import torch, os\ntorch.set_num_threads(1)")
    seen = run(AUDITED, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", path)
    ranks = [process for process in seen.processes if process.program == "script.py"]

    assert seen.exit_code == 0
    assert seen.main.program == "-m torch.distributed.run"
    assert [process.facts["torch.threads.intra"].value for process in ranks] == [1, 1]
