"""`tools/on_gpu.py`: limits, results, wheels and the steps, as far as a machine without a GPU can tell."""

import base64
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from support import AUDITED, ROOT

from auditor.cli import group

sys.path.insert(0, str(ROOT / "tools"))

from gpu import evidence, packing
from gpu.paths import CodePath
from gpu.results import Result, exit_code
from gpu.steps import AUDITOR, PROGRAMS, STEPS, Context, Step

DRIVER = """
import sys
from pathlib import Path

sys.path.insert(0, sys.argv.pop(1))
from gpu import limits
from gpu.results import Output, exit_code
from gpu.run import Run
from gpu.steps import Context, Step

def python(code):
    return lambda context: [sys.executable, "-I", "-S", "-c", code]

steps = eval(sys.argv[2])
output, work = Path(sys.argv[1]), Path(sys.argv[1]).with_name("work")
output.mkdir(), work.mkdir()
limits.adopt_orphans(), limits.end_on_signals()
context = Context(sys.executable, sys.executable, ("torch", "jax"), work)
run = Run(context, Output(output, work), obstacle=sys.argv[3], budget_seconds=480.0, tell=print)
run.all(steps)
sys.exit(exit_code(run.results) or 3 * bool(run.interrupted))
"""
"""Runs steps as `on_gpu.py` does. A process of its own: it ends every process below it after each step."""
HANGS = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import os, time; open('child', 'w').write(str(os.getpid())); time.sleep(10000)"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
while not (os.path.exists("child") and open("child").read()):
    time.sleep(0.01)
print("measured half", flush=True)
time.sleep(10000)
"""
"""A step that ignores SIGTERM, and has a child in a session of its own; 20 s are ample for both to start."""


def started(folder, steps, obstacle=""):
    """The driver's process."""
    command = [sys.executable, "-c", DRIVER, str(ROOT / "tools"), str(folder / "output"), steps, obstacle]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def summary(folder):
    """The steps of the summary by name, and its document."""
    document = json.loads((folder / "output" / "summary.json").read_text(encoding="utf-8"))
    return {step["name"]: step for step in document["steps"]}, document


def text_of(folder, name):
    """A file of the archive."""
    with tarfile.open(folder / "output" / "results.tar.gz") as archive:
        return archive.extractfile(name).read().decode()


def is_alive(pid):
    """Whether the process runs; one that has ended but was not reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.slow
def test_a_step_that_hangs_is_stopped_and_named_and_the_next_one_runs(tmp_path):
    """All its processes are gone, what it had written is kept, and the exit code says that one was stopped."""
    steps = f"[Step('hangs', '', 24, python({HANGS!r})), Step('next', '', 60, python('print(7)'))]"
    code = started(tmp_path, steps).wait()
    found, _ = summary(tmp_path)

    assert 3 == code
    assert "stopped" == found["hangs"]["status"]
    assert "stopped at its limit of 24 s" == found["hangs"]["why"]
    assert found["hangs"]["exit_code"] is None
    assert "measured half\n" == text_of(tmp_path, "steps/hangs/stdout")
    assert not is_alive(int(text_of(tmp_path, "steps/hangs/child")))
    assert "as expected" == found["next"]["status"]
    assert "7\n" == text_of(tmp_path, "steps/next/stdout")


def test_an_exit_code_that_no_step_may_have_is_unexpected(tmp_path):
    """It is told with the last line of stderr; a step that ends as it may is not, and neither is stopped."""
    code = "import sys; sys.exit('first\\nthe driver was lost')"
    steps = f"[Step('fails', '', 60, python({code!r})), Step('may', '', 60, python({code!r}), expected=(1,))]"
    exit_of_all = started(tmp_path, steps).wait()
    found, _ = summary(tmp_path)

    assert 1 == exit_of_all
    assert ("unexpected", "exit code 1 instead of 0: the driver was lost") == (
        found["fails"]["status"],
        found["fails"]["why"],
    )
    assert "as expected" == found["may"]["status"]


def test_a_program_that_cannot_be_started_is_unexpected(tmp_path):
    """The steps after it run."""
    steps = "[Step('no', '', 60, lambda context: ['/nowhere/python']), Step('next', '', 60, python(''))]"
    code = started(tmp_path, steps).wait()
    found, _ = summary(tmp_path)

    assert 1 == code
    assert "unexpected" == found["no"]["status"]
    assert "could not be started" in found["no"]["why"]
    assert "as expected" == found["next"]["status"]


def test_without_a_gpu_its_steps_say_so_and_the_others_run(tmp_path):
    """That is no failure. With a GPU, the same step runs."""
    steps = "[Step('on', '', 60, python('')), Step('off', '', 60, python(''), gpu=False)]"
    for folder, obstacle, status in ((tmp_path / "a", "no driver", "not run"), (tmp_path / "b", "", "as expected")):
        folder.mkdir()
        code = started(folder, steps, obstacle).wait()
        found, document = summary(folder)

        assert 0 == code
        assert status == found["on"]["status"]
        assert ("no GPU: not run" if obstacle else "") == found["on"]["why"]
        assert "as expected" == found["off"]["status"]
        assert {"no GPU", "cannot be seen here"} >= {row["state"] for row in document["paths"]} or not obstacle


def test_what_a_step_leaves_goes_to_the_next_one(tmp_path):
    """But a step gets no more than all shares up to its own, and one that needs more than is left is not started."""
    steps = "[Step('a', '', 1000, python('')), Step('b', '', 10, python('')), "
    steps += "Step('c', '', 10, python(''), least_seconds=5000)]"
    code = started(tmp_path, steps).wait()
    found, _ = summary(tmp_path)

    assert 0 == code
    assert 10 < found["b"]["limit_seconds"] < 1010
    assert "not run" == found["c"]["status"]
    assert "it needs 5000 s" in found["c"]["why"]


def test_an_interruption_keeps_what_ran(tmp_path):
    """SIGTERM ends the step that runs; its output and all earlier results are complete, later steps were not run."""
    steps = f"[Step('first', '', 100, python('print(1)')), Step('hangs', '', 9000, python({HANGS!r})), "
    steps += "Step('last', '', 100, python(''))]"
    running = started(tmp_path, steps)
    child = tmp_path / "work" / "hangs" / "child"
    while not (child.exists() and child.read_text()):
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    code = running.wait()
    found, document = summary(tmp_path)

    assert 3 == code
    assert ["as expected", "stopped", "not run"] == [found[name]["status"] for name in ("first", "hangs", "last")]
    assert "SIGTERM" in document["about"]["interrupted"]
    assert "1\n" == text_of(tmp_path, "steps/first/stdout")
    assert not is_alive(int(child.read_text()))


@pytest.mark.parametrize(
    ("statuses", "code"), [(("as expected", "not run"), 0), (("stopped",), 3), (("stopped", "unexpected"), 1), ((), 0)]
)
def test_the_exit_code_says_the_worst(statuses, code):
    """Unexpected before stopped before fine."""
    assert code == exit_code([Result("step", "", status) for status in statuses])


def test_facts_and_findings_show_what_ran_on_a_gpu(tmp_path):
    """A value of a fact, a check of torch with a value on CUDA, one of JAX on the backend gpu; else `not seen`."""
    predicate = {
        "facts": {
            "jax.backend": {"state": "value", "value": "gpu"},
            "torch.cudnn.version": {"state": "not-applicable"},
            "torch.devices": {"state": "value", "value": ["0: NVIDIA"]},
        },
        "findings": [
            {"check": "jax-autotune", "outcome": "pass"},
            {"check": "jax-precision", "outcome": "not-applicable"},
        ],
        "readings": [
            {"check": "torch-autotune", "values": {"cuda:cuDNN benchmark": {}}},
            {"check": "torch-precision", "values": {"matmul": "cuda:"}},
        ],
    }
    wanted = {
        "fact:torch.devices": "seen",
        "fact:torch.cudnn.version": "not seen",
        "jax:jax-autotune": "seen",
        "jax:jax-precision": "not seen",
        "cuda:torch-autotune": "seen",
        "cuda:torch-precision": "not seen",
        "step:audit-torch": "seen",
        "step:verify": "not seen",
    }
    step = Step("audit-torch", "", 1, lambda _context: [], manifest="audit")
    (tmp_path / "audit").mkdir()
    payload = base64.b64encode(json.dumps({"predicate": predicate}).encode()).decode()
    (tmp_path / "audit" / "manifest.dsse.json").write_text(json.dumps({"payload": payload}), encoding="utf-8")
    found = evidence.Evidence()

    assert not found.add(step, tmp_path, as_expected=True)
    rows = [CodePath((name,), name) for name in wanted]
    assert wanted == {row["evidence"]: row["state"] for row in evidence.told(rows, found, gpu=True)}
    assert {"no GPU"} == {row["state"] for row in evidence.told(rows, found, gpu=False)}

    predicate["facts"]["jax.backend"]["value"] = "cpu"
    on_cpu = evidence.Evidence()
    on_cpu._add_predicate(predicate)

    assert not on_cpu.shows("jax:jax-autotune")
    assert on_cpu.shows("check:jax-autotune")


def wheel(folder, name, requires="", path="planted.py"):
    """A small wheel with one module."""
    folder.mkdir(exist_ok=True)
    made = folder / f"{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(path, "VALUE = 7\n")
        archive.writestr(f"{name}-1.dist-info/METADATA", f"Name: {name}\nVersion: 1\n{requires}\n")
    return made


def indexed(folder, names, version=f"{sys.version_info[0]}.{sys.version_info[1]}"):
    """The folder, with its index for one Python."""
    (folder / "pack.json").write_text(json.dumps({version: names}), encoding="utf-8")
    return folder


def test_wheels_make_an_environment_of_their_own(tmp_path):
    """Its Python imports them without a variable; the Python that made it does not see them."""
    wheels = indexed(tmp_path / "wheels", [wheel(tmp_path / "wheels", "planted").name])
    host = packing.unpack(wheels, tmp_path / "host")
    told = [[python, "-c", "import planted; print(planted.VALUE)"] for python in (str(host), sys.executable)]
    inside, outside = (subprocess.run(one, capture_output=True, text=True, check=False) for one in told)

    assert "7\n" == inside.stdout
    assert "No module named 'planted'" in outside.stderr


@pytest.mark.parametrize(("version", "path", "words"), [("2.7", "planted.py", "2.7"), ("", "../out.py", "outside")])
def test_wheels_that_cannot_be_used_are_refused(tmp_path, version, path, words):
    """Those of another Python, and one whose file would be written outside the environment."""
    made = wheel(tmp_path / "wheels", "planted", path=path)
    wheels = indexed(tmp_path / "wheels", [made.name], **({"version": version} if version else {}))

    with pytest.raises(packing.PackError, match=words):
        packing.unpack(wheels, tmp_path / "host")
    assert not list(tmp_path.rglob("out.py"))


def test_a_pack_that_lacks_a_dependency_is_refused(tmp_path):
    """Also one that only an older Python than this needs; one that only another Python needs is not missed."""
    needs = "Requires-Dist: absent; python_version < '3.11'"
    wheel(tmp_path / "wheels", "planted", needs)

    with pytest.raises(packing.PackError, match=r"for Python 3\.10, .* needs absent"):
        packing._refuse_incomplete("3.10", tmp_path / "wheels")
    packing._refuse_incomplete("3.12", tmp_path / "wheels")


def test_the_requirements_are_those_of_the_python_that_gets_them():
    """`tomli` belongs to 3.10 alone, whichever Python packs."""
    names = {version: {one.name for one in packing._wanted(version)} for version in packing.PYTHONS}

    assert {"tomli"} == names["3.10"] - names["3.12"]
    assert {"click", "pydantic", "cryptography", "nvidia-ml-py"} <= names["3.12"]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_command_of_each_step_is_one_that_exists(step, tmp_path):
    """The command line parses the words that will first be used on a machine that is lent for minutes."""
    for name in ("torch", "jax"):
        (tmp_path / f"audit-{name}" / "audit").mkdir(parents=True)
    command = step.command(Context(sys.executable, AUDITED, ("torch", "jax"), tmp_path))
    if AUDITOR not in command:
        script = next(Path(word) for word in command if word.endswith(".py"))
        helped = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True, check=False)

        assert script.is_file()
        assert script.parent == PROGRAMS or all(word in helped.stdout for word in command if word.startswith("--"))
        return
    words = command[command.index(str(ROOT)) + 1 :]
    one = group.get_command(None, words[0])

    assert one.make_context(words[0], words[1:]).params


def test_the_bare_command_line_says_what_it_needs(tmp_path):
    """Without an output folder nothing is run; wheels that are not there are named with the command that makes them."""
    script = [sys.executable, str(ROOT / "tools" / "on_gpu.py")]
    environment = {name: value for name, value in os.environ.items() if name != "OUT"}
    nowhere, missing = (
        subprocess.run([*script, *words], capture_output=True, text=True, check=False, env=environment)
        for words in ([], ["--output", str(tmp_path / "out"), "--wheels", str(tmp_path)])
    )

    assert (2, 2) == (nowhere.returncode, missing.returncode)
    assert "--output is needed where $OUT is not set" in nowhere.stderr
    assert f"--pack {tmp_path}" in missing.stderr


@pytest.mark.slow
@pytest.mark.frameworks
def test_the_whole_script_runs_without_a_gpu(tmp_path):
    """JAX's quick audit is signed and verified; each step for a GPU says that there is none, and none failed."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OUT": str(tmp_path)}
    command = [sys.executable, str(ROOT / "tools" / "on_gpu.py"), "--python", AUDITED, "--frameworks", "jax"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    document = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    found = {step["name"]: (step["status"], step["why"]) for step in document["steps"]}

    assert 0 == ran.returncode, ran.stdout + ran.stderr
    assert [step.name for step in STEPS] == list(found)
    assert {"nvml", "audit-jax", "verify", "remedy"} == {name for name, told in found.items() if told[0] != "not run"}
    assert ("not run", "no GPU: not run") == found["replay-jax-race"] == found["recording"] == found["gpu-checks-jax"]
    assert ("not run", "torch not chosen (--frameworks)") == found["replay-torch-race"]
    assert "jax-same-seed" in {one["check"] for one in evidence.predicate(tmp_path / "audit-jax.dsse.json")["findings"]}
    with tarfile.open(tmp_path / "results.tar.gz") as archive:
        said = archive.extractfile("steps/verify/stdout").read().decode()
    assert "verified: signed by this machine's own key" in said


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("words", [("torch_steps.py", "cpu", "deterministic"), ("jax_steps.py", "cpu")])
def test_the_recorded_programs_run(words):
    """On a CPU they print three losses; only their device differs on a GPU."""
    command = [AUDITED, str(PROGRAMS / words[0]), *words[1:]]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert 0 == ran.returncode, ran.stderr
    assert ["0", "1", "2"] == [line.split()[0] for line in ran.stdout.splitlines()]
