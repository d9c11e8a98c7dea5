"""What is kept of the guilty operation: by how much runs differ there, and a script that shows it alone."""

import json
import struct
import subprocess
import sys

import pytest
from support import AUDITED, ROOT
from test_session import guilty_line

from auditor.errors import UsageError
from auditor.replay.evidence import reproducer
from auditor.replay.evidence.distances import dump_of, measure
from auditor.replay.provenance.origin_model import Origin
from auditor.replay.runs.run import Setup, run
from auditor.replay.session import ReplayOptions, Session
from auditor.replay.trace.archive import TaskKey, open_trace
from auditor.replay.trace.format import SourceLine

EXPERIMENTS = ROOT / "tests/auditor/replay/experiments"
KEY = TaskKey("main", 0)


def dumped(folder, dtype, *outputs, shape=(3,)):
    """A dump as the recorder writes it, with these bytes as outputs."""
    folder.mkdir()
    told = []
    for number, data in enumerate(outputs):
        (folder / f"output-{number}.bin").write_bytes(data)
        told.append({"file": f"output-{number}.bin", "dtype": dtype, "shape": list(shape)})
    (folder / "dump.json").write_text(json.dumps({"operator": "aten::mm", "outputs": told}))
    return folder


@pytest.mark.parametrize(
    ("dtype", "code", "ulp"),
    [("float32", "f", 1), ("float64", "d", 1), ("float16", "e", 1), ("int64", "q", None), ("uint8", "B", None)],
)
def test_neighbours_are_one_unit_apart(tmp_path, dtype, code, ulp):
    """The next number of each floating point type; integers have no such distance."""
    first = bytearray(struct.pack(f"3{code}", 1, 2, 3))
    second = bytearray(first)
    second[0] ^= 1
    found = measure(dumped(tmp_path / "a", dtype, first), dumped(tmp_path / "b", dtype, second))

    assert (True, ulp) == (found.differs, found.max_ulp)
    assert f"{dtype}[3]: 1 of 3" in found.outputs[0]


def test_bfloat16_and_numbers_of_both_signs_have_their_distance(tmp_path):
    """From the smallest negative over zero to the smallest positive number: two units."""
    first, second = struct.pack("2H", 0x8001, 0x3F80), struct.pack("2H", 0x0001, 0x3F82)
    folders = (dumped(tmp_path / name, "bfloat16", data, shape=(2,)) for name, data in (("a", first), ("b", second)))
    found = measure(*folders)

    assert (2, True) == (found.max_ulp, "2 of 2 numbers differ, by at most 2 ULP (0.0156)" in found.outputs[0])


def test_what_is_not_a_number_counts_as_different_and_has_no_distance(tmp_path):
    """A NaN beside a number, and a zero beside a negative zero, which differs in its bits alone."""
    first, second = struct.pack("3f", 1.0, 0.0, 3.0), struct.pack("3f", float("nan"), -0.0, 3.0)
    found = measure(dumped(tmp_path / "a", "float32", first), dumped(tmp_path / "b", "float32", second))

    assert ["float32[3]: 2 of 3 numbers differ, by at most 0 ULP (0), 1 are NaN in one run"] == list(found.outputs)


def test_equal_outputs_do_not_differ_and_other_shapes_do(tmp_path):
    """Of two outputs only the one that differs is told."""
    same, other = struct.pack("3f", 1, 2, 3), struct.pack("3f", 1, 2, 4)
    first, second = dumped(tmp_path / "a", "float32", same, same), dumped(tmp_path / "b", "float32", same, other)
    shaped = dumped(tmp_path / "c", "float32", same, same, shape=(1, 3))

    assert not measure(first, first).differs
    assert 1 == len(measure(first, second).outputs)
    assert "float32[3] in one run, float32[1,3] in the other" == measure(first, shaped).outputs[0]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"outputs": 3}', '{"outputs": [3]}', '{"outputs": [{"file": "../../etc/passwd"}]}']
)
def test_a_dump_is_hostile_data(tmp_path, text):
    """Nothing but files of its own folder is opened, and nothing wrong is a crash."""
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "dump.json").write_text(text)

    assert measure(folder, folder) is None


def test_a_draw_of_python_is_shown_in_fresh_processes(tmp_path):
    """Two lines are enough; it is run before it is handed over."""
    origin = Origin(KEY, 3, "draw-unseeded", "random.random", SourceLine("a.py", 1), generator="python", seeded=False)
    made = reproducer.make(tmp_path / "out", origin, None, [sys.executable, "a.py"])
    done = subprocess.run([sys.executable, "reproduce.py"], cwd=tmp_path / "out", check=False, capture_output=True)

    assert (5, 5, "") == (made.diverged, made.calls, made.note)
    assert 1 == done.returncode
    assert b"auditor" not in (tmp_path / "out" / "reproduce.py").read_bytes()


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    """Nothing of the user's is overwritten."""
    (tmp_path / "mine").write_text("kept")
    origin = Origin(KEY, 3, "draw-unseeded", "random.random", SourceLine("a.py", 1), generator="python")

    with pytest.raises(UsageError):
        reproducer.make(tmp_path, origin, None, [sys.executable])


def test_where_nothing_can_be_shown_alone_that_is_said(tmp_path):
    """Only what is printed differs; or an operation whose inputs nobody kept."""
    origin = Origin(KEY, 3, "same-inputs-other-outputs", "jit:step", SourceLine("a.py", 1))

    for made in (reproducer.make(tmp_path / "a", one, None, ["python3"]) for one in (None, origin)):
        assert (0, True) == (made.calls, made.note.startswith("Nothing was written"))
    assert not (tmp_path / "a" / "reproduce.py").exists()


@pytest.mark.parametrize("evidence", ["outside", "other-order", "other-branch"])
def test_what_an_operation_only_received_is_no_fault_of_it(tmp_path, evidence):
    """A script of it would give the same bits each time, and show nothing."""
    origin = Origin(KEY, 3, evidence, "aten::mm", SourceLine("a.py", 1))
    made = reproducer.make(tmp_path / "out", origin, dumped(tmp_path / "dump", "float32"), ["python3"])

    assert (0, reproducer.NOTHING + reproducer.NOT_COMPUTED[evidence]) == (made.calls, made.note)


CLEAN = """
import torch
torch.manual_seed(0)
x = torch.randn(4, 6)
y = torch.addmm(torch.ones(3), x.t()[:, :4], torch.randn(4, 3), alpha=0.5)
z = torch.cat([x, x], dim=1).sum(dtype=torch.float64)
print(z.item())
"""


def place_of(folder, name):
    """The index of an operation's record."""
    with open_trace(folder) as trace:
        stream = trace.streams[KEY]
        return next(record.at for record in stream.records() if stream.name_of(record) == name)


@pytest.mark.frameworks
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("aten::addmm", marks=pytest.mark.exhaustive),
        pytest.param("aten::randn", marks=pytest.mark.exhaustive),
        pytest.param("aten::cat", marks=pytest.mark.exhaustive),
        pytest.param("aten::sum.dim_IntList", marks=pytest.mark.exhaustive),
    ],
)
def test_a_clean_operation_gives_the_same_bits_alone(tmp_path, name):
    """Inputs of every layout, lists, scalars and dtypes come back; what does not diverge is said to be so."""
    program = tmp_path / "clean.py"
    program.write_text(CLEAN.replace("torch.float64)", "torch.float64, dim=0).sum()") if "dim" in name else CLEAN)
    command = [AUDITED, str(program)]
    run(command, Setup(tmp_path / "first", tier="detail", show=False))
    at = place_of(tmp_path / "first", name)
    place = {"lineage": "main", "ordinal": 0, "at": at}
    kept = run(command, Setup(tmp_path / "second", tier="detail", dump=place, show=False))
    with open_trace(kept.folder) as trace:
        assert [] == trace.problems
    assert at == place_of(kept.folder, name)

    origin = Origin(KEY, at, "same-inputs-other-outputs", name, SourceLine("clean.py", 1))
    made = reproducer.make(tmp_path / "out", origin, dump_of(kept.folder), command)

    drawn = name == "aten::randn"
    assert (5 if drawn else 0, 5 if drawn else 55) == (made.diverged, made.calls), made.note
    assert drawn or "needs something else from the experiment" in made.note


@pytest.mark.frameworks
@pytest.mark.exhaustive  # three minutes alone; CI sees the same in JAX and for unwritten memory
@pytest.mark.slow
@pytest.mark.alone
def test_a_race_is_shown_alone_and_by_how_much_it_differs(tmp_path):
    """The whole way: the operation's inputs, a script that exits 1, and the distance in units in the last place."""
    command = [AUDITED, str(EXPERIMENTS / "torch_race.py")]
    options = ReplayOptions(command, tmp_path / "runs", show=False, runs=2, reproducer=tmp_path / "out")
    result = Session(options, str).run()

    found = result.divergence
    assert ("diverged", "nondeterministic-op", "aten::index_put_") == (result.verdict, found.cause, found.op)
    assert (guilty_line("torch_race"), True) == (found.source.line, result.remedy.proven)
    assert found.max_ulp > 0
    assert "numbers differ, by at most" in found.outputs[0]
    assert 0 < result.reproducer.diverged <= result.reproducer.calls
    done = subprocess.run([AUDITED, "reproduce.py"], cwd=tmp_path / "out", check=False, capture_output=True)
    assert (1, True) == (done.returncode, b"aten::index_put_: " in done.stdout)


@pytest.mark.parametrize("cause", ["hash-order", "address-order", "clock"])
def test_a_cause_that_is_no_operations_is_shown_in_its_smallest_form(tmp_path, monkeypatch, cause):
    """With the experiment's line as a literal, whatever it holds; that it is not that line is said."""
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    code = "'''; raise SystemExit(7) # \"\"\" {shown}"
    origin = Origin(KEY, 3, "same-inputs-other-outputs", "line", SourceLine("/home/ada/a.py", 4, "f", code))
    made = reproducer.make(tmp_path / "out", origin, None, [sys.executable, "a.py"], cause)
    done = subprocess.run([sys.executable, "reproduce.py"], cwd=tmp_path / "out", check=False, capture_output=True)

    assert (True, 5, reproducer.SHOWS_CAUSE) == (made.diverged > 0, made.calls, made.note)
    assert (1, True) == (done.returncode, f"a.py:4: {code}".encode() in done.stdout)
    assert b"/home" not in (tmp_path / "out" / "reproduce.py").read_bytes()


def test_a_cause_that_is_the_same_each_time_here_is_not_claimed(tmp_path, monkeypatch):
    """A fixed hash seed: the script is there, exits 0, and the note says so."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    made = reproducer.make(tmp_path / "out", None, None, [sys.executable], "hash-order")

    assert (0, 5, reproducer.SAME_HERE) == (made.diverged, made.calls, made.note)


def test_listings_are_shown_or_it_is_said_that_they_do_not_differ_here(tmp_path):
    """By the file system of the folder: some list in the order of creation, some do not."""
    made = reproducer.make(tmp_path / "out", None, None, [sys.executable], "file-order")
    expected = reproducer.SHOWS_CAUSE if made.diverged else reproducer.SAME_HERE

    assert (5, expected) == (made.calls, made.note)
    assert ["reproduce.py"] == [path.name for path in (tmp_path / "out").iterdir()]


EMPTY = """
import torch
x = torch.{made}
print(x.shape)
"""


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("made", "name", "differ"),
    [
        pytest.param("empty(5000)", "empty", 6, marks=pytest.mark.exhaustive),
        pytest.param("zeros(5000)", "zeros", 0, marks=pytest.mark.exhaustive),
    ],
)
def test_unwritten_memory_is_shown_without_dirtying_any(tmp_path, made, name, differ):
    """The C library fills it; an operator that writes its memory gives the same under every fill."""
    program = tmp_path / "unwritten.py"
    program.write_text(EMPTY.format(made=made))
    command = [AUDITED, str(program)]
    run(command, Setup(tmp_path / "first", tier="detail", show=False))
    operator = "aten::empty.memory_format" if name == "empty" else "aten::zeros"
    place = {"lineage": "main", "ordinal": 0, "at": place_of(tmp_path / "first", operator)}
    kept = run(command, Setup(tmp_path / "second", tier="detail", dump=place, show=False))
    origin = Origin(KEY, place["at"], "reads-unwritten", operator, SourceLine("unwritten.py", 3))
    shown = reproducer.make(tmp_path / "out", origin, dump_of(kept.folder), command)

    assert (differ, 5) == (shown.diverged if differ == 0 else shown.diverged + 1, shown.calls), shown.note
    assert (reproducer.UNWRITTEN if differ else reproducer.NOT_ALONE) == shown.note


def test_a_python_that_is_named_from_the_current_folder_runs_the_script_in_its_own(monkeypatch, tmp_path):
    """A link to it is not followed: a virtual environment's Python is one."""
    monkeypatch.chdir(tmp_path)
    told = [reproducer._python_of([name]) for name in ("env/bin/python", "python3.11", "./train.sh")]

    assert [str(tmp_path / "env/bin/python"), "python3.11", "python3"] == told
