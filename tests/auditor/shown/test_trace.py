"""What `auditor show` says of a trace: program, frameworks, processes, operations, facts; and of a hostile one."""

import pytest
from streams import folder_of

from auditor import cli
from auditor.errors import FAILED, OK
from auditor.replay.trace.archive import open_folder, pack

STEPS = [("aten::mm", 1, 1), ("aten::relu", 2, 2)]
HOSTILE = "\x1b]0;x\x07\u202e\nverified"


def packed(path, *steps, run=None, **how):
    """A `.trace` file of one stream."""
    with folder_of(path.with_suffix(".run"), *steps, **how) as trace:
        pack(trace, path, run=run or {"exit_code": 0, "stdout": "aa", "files": {}})
    return path


@pytest.fixture
def show(capsys):
    """Show a file; gives exit code, stdout and stderr."""

    def shown(path, *options):
        code = cli.run(["show", *options, str(path)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return shown


def test_a_trace_tells_what_it_holds(show, tmp_path):
    """Of the file and of a run's folder."""
    fact = {"state": "value", "role": "software", "value": "2.13.0"}
    run = {"exit_code": 3, "stdout": "aa", "files": {"out.pt": "cc"}, "facts": {"torch.version": fact}}
    path = packed(tmp_path / "a.trace", *STEPS, run=run)
    code, out, _ = show(path)

    assert OK == code
    for line in (
        "  Exit code:   3",
        "  Frameworks:  torch",
        "  Processes:   1",
        "  Operations:  2, without their inputs",
        "  stdout:      sha256:aa",
        "  main: 2 operations, Python 3.11.0",
        "  out.pt: sha256:cc",
        "  torch.version: 2.13.0",
    ):
        assert line in out.splitlines()
    folder = show(path.with_suffix(".run"))[1]
    assert "  Operations:  2, without their inputs" in folder
    assert "holds no facts" in folder


def test_processes_of_other_frameworks_are_told_apart(show, tmp_path):
    """Two processes, the second cut off, with operations of two frameworks."""
    folder = tmp_path / "run"
    folder_of(folder, *STEPS).close()
    folder_of(folder, ("tf.MatMul", 1, 1), key="main.0.0", end=False).close()
    with open_folder(folder) as trace:
        pack(trace, tmp_path / "a.trace", run={"exit_code": 0})
    out = show(tmp_path / "a.trace")[1]

    assert "  Frameworks:  tensorflow, torch" in out
    assert "  Processes:   2" in out
    assert ["cut off" in line for line in out.splitlines() if line.startswith("  main")] == [False, True]


def test_a_hostile_description_makes_no_line_and_no_escape(show, tmp_path):
    """Names, problems, facts and digests of a stranger; of any type."""
    run = {
        "exit_code": HOSTILE,
        "stdout": HOSTILE,
        "files": {HOSTILE: 3},
        "problems": [HOSTILE * 50, 3],
        "facts": {HOSTILE: {"state": "value", "role": "software", "value": HOSTILE}, "x": 1},
    }
    code, out, _ = show(packed(tmp_path / "a.trace", (f"aten::{HOSTILE}", 1, 1), run=run))

    assert OK == code
    assert all(len(line) <= 80 and line.isprintable() for line in out.split("\n"))
    assert not any(line.startswith("verified") for line in out.splitlines())
    assert "What could not be recorded" in out


@pytest.mark.parametrize("odd", [{"files": 3, "problems": 3, "facts": 3}, {"files": [], "facts": None, "stdout": []}])
def test_a_description_of_other_types_is_read(show, tmp_path, odd):
    """Nothing of it is believed."""
    assert OK == show(packed(tmp_path / "a.trace", *STEPS, run=odd))[0]


def test_a_damaged_trace_shows_nothing(show, tmp_path):
    """A byte of a stream differs: exit 5, and no line that was read before is printed."""
    path = packed(tmp_path / "a.trace", *STEPS)
    data = path.read_bytes()
    at = data.index(b"aten::relu")
    path.write_bytes(data[:at] + b"b" + data[at + 1 :])
    code, out, err = show(path)

    assert (FAILED, "") == (code, out)
    assert "checksum" in err
