"""Programs without a framework, stopped and resumed: the value that first differs, and what it came from."""

import json
import subprocess
import sys

import pytest
from support import ROOT

AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()"]
LOOP = '''
import json, os, random, sys, time


def main():
    """Fit a slope by gradient descent with momentum."""
    lost = sys.argv[-1]
    rng = random.Random(3)
    data = [(n / 10, 3 * n / 10) for n in range(20)]
    slope, momentum, start = 0.0, 0.0, 0
    random.seed(5)
    if "--resume" in sys.argv:
        with open("ck.json") as file:
            held = json.load(file)
        slope, start = held["slope"], held["step"]
        if lost != "momentum":
            momentum = held["momentum"]
        if lost != "generator":
            random.setstate((held["generator"][0], tuple(held["generator"][1]), held["generator"][2]))
    for step in range(start, 12):
        began = time.perf_counter()
        x, y = data[step]
        noise = random.gauss(0, 0.1)
        gradient = 2 * x * (slope * x - y) + noise
        momentum = 0.9 * momentum + gradient
        slope = slope - 0.01 * momentum
        seconds = time.perf_counter() - began
        if step == 4:
            held = {"slope": slope, "momentum": momentum, "step": step + 1, "generator": random.getstate()}
            with open("ck.tmp", "w") as file:
                json.dump(held, file)
            os.replace("ck.tmp", "ck.json")
            time.sleep(0.3)
    print(f"slope {slope}, the last step took {seconds:.3f} s")


main()
'''


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    """The working folder, which holds the program."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "train.py").write_text(LOOP)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


def replayed(lost):
    """(exit code, `resume` of the JSON) of a replay whose resumed run loses this."""
    resume = f"{sys.executable} train.py --resume {lost}"
    options = ["--json", "-q", "--resume", resume, "--stop-when", "ck.json"]
    done = subprocess.run(
        [*AUDITOR, "replay", *options, "--", sys.executable, "train.py"], capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout)["resume"]


def test_a_program_that_saves_everything_goes_on_as_the_whole_one(work):
    """Its clock reads differ in each run, and are no difference."""
    code, told = replayed("nothing")

    assert (0, "identical", "values") == (code, told["verdict"], told["by"])
    assert (5, 12, 7) == (told["from_step"], told["steps"], told["resumed_steps"])
    assert {"train.py", "ck.json"} == {path.name for path in work.iterdir()}


@pytest.mark.parametrize(
    ("lost", "step", "named", "line"),
    [
        ("momentum", 6, "what gives momentum", "momentum = 0.9 * momentum + gradient"),
        ("generator", 6, "the state of Python's random", "noise = random.gauss(0, 0.1)"),
    ],
)
def test_what_was_lost_is_named_at_its_line(lost, step, named, line):
    code, told = replayed(lost)

    assert (1, "diverged") == (code, told["verdict"])
    assert (step, named, line) == (told["step"], told["unsaved_state"], told["source"]["code"])
