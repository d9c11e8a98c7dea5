"""Traces are read lazily, and as hostile data."""

import contextlib
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streams import Written, folder_of, writer

from auditor.replay.alignment import first_differences
from auditor.replay.provenance import origin
from auditor.replay.trace import archive
from auditor.replay.trace.archive import TaskKey, open_file, open_folder, open_trace, pack
from auditor.replay.trace.format import TraceError

OPS = [("aten::add", 1, 3), ("aten::mul", 2, 4), ("aten::sum", 3, 5)]


def everything(found):
    """Read all that a reader may read; returns the records of every stream."""
    told = [found.operations, found.problems, found.cut]
    for stream in found.streams.values():
        for record in stream.records():
            told += [record, stream.name_of(record), stream.source(record), stream.meta_of(record)]
    return told


def test_what_was_written_is_read(tmp_path):
    """Names, lines, digests, in order."""
    found = folder_of(tmp_path, *OPS)
    (stream,) = found.streams.values()
    ops = [record for record in stream.records() if record.kind == writer.OP]

    assert [("aten::add", 1), ("aten::mul", 2), ("aten::sum", 3)] == [(stream.name_of(op), op.digest) for op in ops]
    assert [("train.py", 3), ("train.py", 4), ("train.py", 5)] == [stream.source(op)[:2] for op in ops]
    assert 3 == found.operations
    assert [] == found.cut == found.problems


def test_a_stream_without_end_is_known_as_cut(tmp_path):
    """What a SIGKILL leaves: the file has zeros behind the last record."""
    found = folder_of(tmp_path, *OPS, end=False)

    assert [TaskKey("main", 0)] == found.cut
    assert 3 == found.operations


def test_problems_of_the_recorder_surface(tmp_path):
    """In the trace, and in every comparison with it."""

    def fails(written):
        written.stream.append(writer.PROBLEM, name=written.stream.define(writer.TEXTS, "planted"))

    found = folder_of(tmp_path, *OPS, fails)

    assert [(TaskKey("main", 0), "planted")] == found.problems
    assert not first_differences.compare(found, found).identical


def test_equal_runs_give_equal_files_and_the_same_trace(tmp_path):
    """Bytes, whatever the folder and the time."""
    for name in "ab":
        folder_of(tmp_path / name, *OPS)
        folder_of(tmp_path / name, *OPS, key="main.0.1", end=False)
        pack(open_folder(tmp_path / name), tmp_path / f"{name}.trace", {"exit_code": 0})
    first, second = (open_trace(tmp_path / name) for name in ("a", "b.trace"))

    assert (tmp_path / "a.trace").read_bytes() == (tmp_path / "b.trace").read_bytes()
    assert everything(first) == everything(second)
    assert {"exit_code": 0} == second.description
    assert [] == list(first_differences.compare(first, second).differences)


def test_streams_are_sorted_parents_first_and_numbers_as_numbers(tmp_path):
    """main, its tasks, its children."""
    names = ["main.10.0", "main.2.0", "main.0", "main.11", "main.2", "rank10.0", "rank2.0"]
    for name in names:
        Written(tmp_path, name).end()
    (tmp_path / "streams" / "notes.txt").write_text("not read")

    assert ["main.0", "main.2", "main.11", "main.2.0", "main.10.0", "rank2.0", "rank10.0"] == [
        key.file.removesuffix(".trc") for key in open_folder(tmp_path).streams
    ]


def test_many_streams_need_few_open_files(tmp_path, monkeypatch):
    """A pool's calls have a stream each."""
    monkeypatch.setattr(archive, "MOST_OPEN", 2)
    for number in range(5):
        folder_of(tmp_path, *OPS, key=f"main.{number}")
    found = open_folder(tmp_path)

    assert 15 == found.operations
    assert 2 == sum(isinstance(stream.extent.handle, int) for stream in found.streams.values())


def test_a_text_across_two_chunks_is_one_text(tmp_path, monkeypatch):
    """Chunks end anywhere."""
    found = folder_of(tmp_path, *[(f"aten::{'long' * number}", number, number + 1) for number in range(1, 60)])
    whole = everything(found)
    monkeypatch.setattr("auditor.replay.trace.stream.CHUNK_BYTES", 96)

    assert whole == everything(open_folder(tmp_path))


# ------------------------------------------------------------------------------------------------------------ hostile


@contextlib.contextmanager
def nothing_but_trace_errors():
    """The only error that hostile bytes may give."""
    hint = "none was needed"
    try:
        yield
    except TraceError as problem:
        hint = problem.hint

    assert hint


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The bytes of a stream, and of a trace file."""
    path = tmp_path_factory.mktemp("good")

    def inputs(written):
        first = written.op("aten::rand", 9, 6, flags=1, state=4)
        written.op("aten::add", 9, 6)
        written.input(9, first)
        written.argument("[3]")

    found = folder_of(path, *OPS, inputs, detail=True)
    pack(found, path / "a.trace")
    return (path / "streams" / "main.0.trc").read_bytes(), (path / "a.trace").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=st.tuples(st.integers(0), st.integers(0, 255)), cut=st.none() | st.integers(0))
@pytest.mark.parametrize("packed", [False, True])
def test_hostile_bytes_give_nothing_but_trace_errors(tmp_path, good, packed, change, cut):
    """Any byte changed, any length: read, or refused with a hint."""
    data = bytearray(good[packed])
    data[change[0] % len(data)] = change[1]
    del data[len(data) if cut is None else cut % len(data) :]
    path = tmp_path / "a.trace"
    if not packed:
        path = tmp_path / "run"
        (path / "streams").mkdir(parents=True, exist_ok=True)
    (path if packed else path / "streams" / "main.0.trc").write_bytes(data)

    with nothing_but_trace_errors(), open_trace(path) as found:
        everything(found)
        first_differences.compare(found, found)
        origin.find(found, found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_two_hostile_streams_are_compared_or_refused(tmp_path, good, changes):
    """Forged writers, ids and counts in one of two traces."""
    for name, altered in (("good", False), ("bad", True)):
        data = bytearray(good[0])
        for place, content in changes if altered else ():
            start = 64 + place % (len(data) - 64)
            data[start : start + len(content)] = content[: len(data) - start]
        (tmp_path / name / "streams").mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "streams" / "main.0.trc").write_bytes(data)
    both = tmp_path / "good", tmp_path / "bad"
    with nothing_but_trace_errors(), open_folder(both[0]) as one, open_folder(both[1]) as other:
        first_differences.compare(one, other)
        origin.find(one, other)
        origin.find(other, one)


@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (lambda archive: archive.writestr("streams/../../etc/passwd", "x"), "not a stream of a trace"),
        (lambda archive: archive.writestr("other.txt", "x"), "not a stream of a trace"),
        (lambda archive: archive.writestr("streams/main.1.trc", "x" * 9999, zipfile.ZIP_DEFLATED), "compressed"),
        (lambda archive: archive.writestr("streams/main.1.trc", "short"), "shorter than a header"),
        (lambda archive: archive.writestr("streams/main.1.trc", "x" * 100), "is not a stream"),
    ],
)
def test_members_that_do_not_belong_are_refused(tmp_path, forge, told):
    """Whatever else an archive may hold."""
    path = tmp_path / "a.trace"
    pack(folder_of(tmp_path, *OPS), path)
    with zipfile.ZipFile(path, "a") as archive:
        forge(archive)

    with pytest.raises(TraceError, match=told):
        open_file(path)


def test_a_damaged_member_is_found_by_its_checksum(tmp_path, good):
    """A flipped bit of a digest would look like a divergence."""
    data = bytearray(good[1])
    place = data.index(b"aten::mul")
    data[place] ^= 1
    (tmp_path / "a.trace").write_bytes(data)

    with pytest.raises(TraceError, match="checksum"):
        everything(open_file(tmp_path / "a.trace"))


@pytest.mark.parametrize("name", ["nothing", "folder"])
def test_what_is_no_trace_is_refused(tmp_path, name):
    """No such file; a folder of something else."""
    (tmp_path / "folder").mkdir()

    with pytest.raises(TraceError, match="cannot be read"):
        open_trace(tmp_path / name)


def test_another_version_is_refused_with_what_to_do(tmp_path, good):
    """Not guessed at."""
    (tmp_path / "streams").mkdir()
    (tmp_path / "streams" / "main.0.trc").write_bytes(good[0][:8] + b"\2" + good[0][9:])

    with pytest.raises(TraceError, match="version 2"):
        open_folder(tmp_path)
