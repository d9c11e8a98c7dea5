"""Loads of an earlier run's files are noted, of Python and of libraries; writes and other files are not."""

import json
import sys

import pytest
from support import AUDITED

from auditor.replay.runs import noted
from auditor.replay.runs.run import Setup, run
from auditor.replay.trace.archive import TaskKey, open_folder
from auditor.replay.trace.format import OP


def loaded(folder, text, *names, python=sys.executable):
    """The line of each load of these files in a script that runs in this folder, and the trace of that run."""
    folder.joinpath("script.py").write_text(text)
    earlier = [str((folder / name).resolve()) for name in names]
    seen = run([python, str(folder / "script.py"), str(folder)], Setup(folder / "run", show=False, earlier=earlier))
    assert (0, ()) == (seen.exit_code, seen.problems)
    return [one.source.line for one in noted.loads(seen.folder)], seen


READS = """import io, json, os, pathlib, sys
os.chdir(sys.argv[1])
open("other.json").close()
def load(path):
    return json.loads(path.read_text())
load(pathlib.Path("state.json"))
with open("state.json", "w") as file:
    file.write("{}")
open("state.json").close()
os.path.exists("link.json")
io.open(b"link.json", "rb").close()
os.close(os.open("link.json", os.O_RDONLY))
"""


def test_what_is_opened_to_be_read_is_told_until_the_run_writes_it_itself(tmp_path):
    """By its line, also through a link, or by a name in bytes; not a file that no earlier run left."""
    for name in ("other.json", "state.json", "target.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "link.json").symlink_to(tmp_path / "target.json")

    assert [5, 11] == loaded(tmp_path, READS, "state.json", "target.json")[0]


def test_nothing_is_noted_where_it_is_not_asked_for(tmp_path):
    """In every other run."""
    (tmp_path / "state.json").write_text("{}")

    assert [] == loaded(tmp_path, "import os, sys\nos.chdir(sys.argv[1])\nopen('state.json').read()\n")[0]


TORCH = """import os, sys, torch
os.chdir(sys.argv[1])
if not os.path.exists("ck.pt"):
    torch.save(torch.ones(3), "ck.pt")
    raise SystemExit
torch.manual_seed(0)
weights = torch.rand(3)
weights.copy_(torch.load("ck.pt"))
"""
NUMPY = """import os, sys, numpy
os.chdir(sys.argv[1])
if not os.path.exists("x.npy"):
    numpy.save("x.npy", numpy.ones(3)), numpy.savetxt("x.txt", numpy.ones(3))
    raise SystemExit
numpy.load("x.npy")
numpy.loadtxt("x.txt")
"""
TENSORFLOW = """import os, sys, h5py, tensorflow as tf
os.chdir(sys.argv[1])
saved = tf.train.Checkpoint(one=tf.Variable(1.0))
if not os.path.exists("w.h5"):
    saved.write("ck"), h5py.File("w.h5", "w").close()
    raise SystemExit
saved.read("ck")
h5py.File("w.h5").close()
"""


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        pytest.param(TORCH, ["ck.pt"], [8], marks=pytest.mark.exhaustive),
        (NUMPY, ["x.npy", "x.txt"], [6, 7]),
        (TENSORFLOW, ["ck.index", "w.h5"], [7, 8]),
    ],
)
def test_loads_of_libraries_are_told_by_the_programs_own_line(tmp_path, text, names, expected):
    """Also of those that open a file in compiled code; with the place in the trace from which on it can show."""
    (tmp_path / "first").mkdir()
    assert [] == loaded(tmp_path, text, "no-such-file", python=AUDITED)[0]
    (tmp_path / "run").rename(tmp_path / "first/run")
    lines, seen = loaded(tmp_path, text, *names, python=AUDITED)
    first = noted.loads(seen.folder)[0]
    with open_folder(seen.folder) as trace:
        stream = trace.streams[first.key]
        before = [stream.source(one).line for one in stream.records(0, first.at) if one.kind == OP]
        after = [stream.source(one).line for one in stream.records(first.at) if one.kind == OP]

    assert expected == lines
    assert all(line < expected[0] for line in before)
    assert all(line >= expected[0] for line in after)
    assert bool(before) == bool(after) == ("numpy.load" not in text)


def test_a_damaged_note_is_left_out(tmp_path):
    """It is hostile data."""
    site = "a.py\t3\tmain\tcode"
    good = [["main", 0, 5, site], ["main.0", 2, 7, site]]
    bad = [["main", 0, 5, "no site"], ["main", "x", 1, site], ["main", 1], {}, 3, "[" * 9, ["main", 1e999, 0, site]]
    noted.prepare(tmp_path)
    lines = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in (*bad, *good))
    (tmp_path / "loaded/7").write_text(lines + "\n{", encoding="utf-8")

    assert [(TaskKey("main", 0), 5, 3), (TaskKey("main.0", 2), 7, 3)] == [
        (one.key, one.at, one.source.line) for one in noted.loads(tmp_path)
    ]
