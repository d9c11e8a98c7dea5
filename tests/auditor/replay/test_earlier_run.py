"""Real runs of programs that look for files of an earlier run: what they do with them counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest
from support import AUDITED, ROOT

AUDITOR = [sys.executable, "-c", "from auditor.cli import main; main()", "replay", "--json", "-q"]
GOES_ON = """
    import json, pathlib
    state = pathlib.Path("state.json")
    step = json.loads(state.read_text())["step"] if state.exists() else 0
    for step in range(step + 1, step + 4):
        state.write_text(json.dumps({"step": step}))
    print("ended at step", step)
"""
SAME_IN_THE_END = {
    "data that the first run prepares": """
        import os
        if not os.path.exists("data/squares.txt"):
            os.makedirs("data", exist_ok=True)
            print("preparing")
            with open("data/squares.txt", "w") as file:
                file.write(" ".join(str(n * n) for n in range(9)))
        print("sum", sum(map(int, open("data/squares.txt").read().split())))
    """,
    "a folder of its own for each run": """
        import os, pathlib
        number = len(os.listdir("runs")) if os.path.isdir("runs") else 0
        os.makedirs(f"runs/{number}")
        pathlib.Path(f"runs/{number}/loss.txt").write_text("0.5")
        print(f"loss 0.5, all in runs/{number}")
    """,
}
TORCH = """
    import os, torch
    torch.manual_seed(0)
    weights = torch.zeros(3)
    if os.path.exists("last.pt"):
        weights = torch.load("last.pt")
    for _ in range(3):
        weights = weights + torch.rand(3)
    torch.save(weights, "last.pt")
    print("done")
"""


def replayed(text, work, *arguments, python=sys.executable):
    """The result of the command in this folder."""
    work.mkdir(exist_ok=True)
    (work / "program.py").write_text(textwrap.dedent(text), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(work.parent / "state")}
    command = [*AUDITOR, *arguments, "--", python, "program.py"]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    return json.loads(done.stdout), done.stderr


def test_a_program_that_goes_on_from_what_an_earlier_run_left_has_diverged(tmp_path):
    """Though all runs from the same files are identical; the coin proves it, and the folder is as after one run."""
    result, told = replayed(GOES_ON, tmp_path / "work")

    assert ("diverged", "other") == (result["verdict"], result["earlier_files"]["effect"])
    assert ["state.json"] == result["earlier_files"]["files"]
    assert "earlier-run" == result["divergence"]["cause"]
    assert {"earlier-files": "absent"} == result["divergence"]["proof"]["settings"]
    assert result["remedy"]["proven"]
    assert "state.json" in result["remedy"]["text"]
    assert (4, None) == (result["divergence"]["source"]["line"], result["divergence"]["enters"])
    assert {"step": 3} == json.loads((tmp_path / "work/state.json").read_text(encoding="utf-8"))
    assert ["program.py", "state.json"] == sorted(one.name for one in (tmp_path / "work").iterdir())
    assert "DIVERGED: runs from the same files are identical, but a run that finds state.json" in told


@pytest.mark.parametrize("name", SAME_IN_THE_END)
def test_a_program_that_gives_the_same_with_them_is_identical(tmp_path, name):
    """One more run shows it."""
    result, _ = replayed(SAME_IN_THE_END[name], tmp_path / "work")

    assert ("identical", "same") == (result["verdict"], result["earlier_files"]["effect"])
    assert result["further_runs"] == 1


def test_a_program_that_looks_for_nothing_costs_no_further_run(tmp_path):
    """It only writes."""
    result, _ = replayed("open('out.txt', 'w').write('0.5'); print('loss 0.5')", tmp_path / "work")

    assert ("identical", "not-looked-for") == (result["verdict"], result["earlier_files"]["effect"])
    assert result["further_runs"] == 0


@pytest.mark.parametrize("arguments", [["--protect", "0"], []])
def test_what_cannot_be_put_in_place_is_not_said_to_be_tried(tmp_path, arguments):
    """Too much to copy, or the first run removed a file."""
    text = "import os; os.path.exists('out.txt'); open('out.txt', 'w').write('0.5')"
    (tmp_path / "work").mkdir()
    if not arguments:
        (tmp_path / "work/old.txt").write_text("1", encoding="utf-8")
        text += "; os.remove('old.txt')"
    result, _ = replayed(text, tmp_path / "work", *arguments)

    assert ("not-tried", 0) == (result["earlier_files"]["effect"], result["further_runs"])


def test_a_program_that_refuses_to_run_again_is_told_as_such(tmp_path):
    """It does not overwrite."""
    text = "import os, sys; os.path.exists('out.txt') and sys.exit('out.txt exists'); open('out.txt', 'w').write('0.5')"
    result, _ = replayed(text, tmp_path / "work")

    assert ("identical", "ends-otherwise") == (result["verdict"], result["earlier_files"]["effect"])


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_checkpoint_that_is_loaded_when_it_is_there_is_found_in_the_operations(tmp_path):
    """What is printed is the same."""
    result, _ = replayed(TORCH, tmp_path / "work", python=AUDITED)

    assert ("diverged", "earlier-run") == (result["verdict"], result["divergence"]["cause"])
    assert "last.pt" in result["remedy"]["text"]


def test_what_a_further_run_makes_beside_the_first_is_kept_nowhere(tmp_path):
    """It finds the first one's folder, and makes another."""
    result, _ = replayed(SAME_IN_THE_END["a folder of its own for each run"], tmp_path / "work")

    assert ([], {}) == (result["kept_in"], result["files_left"] or {})
    assert ["0"] == [one.name for one in (tmp_path / "work/runs").iterdir()]
