"""Files are compared by what they hold: times are no results, one other value is, and its place is told."""

import base64
import gzip
import io
import json
import os
import pickle
import socket
import sqlite3
import struct
import tempfile
import zipfile
from datetime import datetime, timezone
from pathlib import Path

import pytest
from written_runs import START, run_of, runs_of

from auditor.replay.cause.only_times import found_in
from auditor.replay.cause.run_pair import outputs_differ
from auditor.replay.files import archives, contents, written
from auditor.replay.texts.first_difference import of_pair
from auditor.replay.texts.pairing import paired
from auditor.replay.texts.written import hidden


def moment(number):
    """A second of the n-th run."""
    return START + 10 * number + 3.25


def day(number):
    """The same, as people write it."""
    return datetime.fromtimestamp(moment(number), timezone.utc).replace(tzinfo=None)


def in_npy(*numbers):
    """A `.npy` file with these float32."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(numbers)},), }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack(f"<{len(numbers)}f", *numbers)


def in_zip(members, number):
    """A zip file whose members have the date of the n-th run."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, day(number).timetuple()[:6]), data)
    return file.getvalue()


def varint(value):
    """A number as protobuf writes it."""
    found = b""
    while value > 0x7F:
        found, value = found + bytes([value & 0x7F | 0x80]), value >> 7
    return found + bytes([value])


def text_field(number, data):
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def in_events(values, number):
    """An event file with a scalar of each value."""
    made = [text_field(3, b"brain.Event:2")]
    for step, value in enumerate(values):
        scalar = text_field(1, b"loss") + varint(2 << 3 | 5) + struct.pack("<f", value)
        made.append(varint(2 << 3) + varint(step) + text_field(5, text_field(1, scalar)))
    events = (varint(1 << 3 | 1) + struct.pack("<d", moment(number)) + one for one in made)
    return b"".join(struct.pack("<QI", len(one), 7) + one + struct.pack("<I", 7) for one in events)


def in_sqlite(value, number):
    """A database with one row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE runs (started REAL, loss REAL)")
        base.execute("INSERT INTO runs VALUES (?, ?)", (moment(number), value))
        base.commit()
        base.close()
        return path.read_bytes()


def packed(value, number):
    """An object as Stable-Baselines3 writes it into JSON: a pickle in base64."""
    return base64.b64encode(pickle.dumps({"t": moment(number), "r": [value]})).decode()


VALUES = tuple(map(float, range(400)))
FORMATS = {
    "log.txt": lambda value, number: f"{day(number)} INFO pid {4000 + number}\nloss {value}\n",
    "a.json": lambda value, number: json.dumps(
        {"at": moment(number), "run_id": f"{number}a3f9c1b", "loss": [1, value]}
    ),
    "policy.zip": lambda value, number: in_zip({"data": json.dumps({"buffer": packed(value, number)})}, number),
    "a.jsonl": lambda value, number: f'{{"step": 1}}\n{{"loss": {value}, "at": "{day(number).isoformat()}"}}\n',
    "a.csv": lambda value, number: f"step,loss,at\n1,{value},{moment(number)}\n",
    "a.yaml": lambda value, number: f"at: {day(number)}\nloss: {value}\n",
    "a.log.gz": lambda value, number: gzip.compress(f"loss {value}".encode(), mtime=int(moment(number))),
    "a.npz": lambda value, number: in_zip({"a.npy": in_npy(*VALUES, value)}, number),
    "a.keras": lambda value, number: in_zip({"m.json": json.dumps({"saved": f"{day(number)}", "x": value})}, number),
    "a.pkl": lambda value, number: pickle.dumps(
        {"time": moment(number), "at": day(number), "model": {"w": [1.0, value]}}
    ),
    "events.out.tfevents.1": lambda value, number: in_events([1.0, value], number),
    "a.pdf": lambda value, number: f"%PDF-1.4 /CreationDate (D:{day(number):%Y%m%d%H%M%S}Z) {value}".encode(),
    "a.svg": lambda value, number: (
        (drawn := f"{number}b3f9c1b0d") and f'<svg id="m{drawn}" href="#m{drawn}" x="{value}"/>'
    ),
    "a.db": in_sqlite,
}
PLACES = {
    "log.txt": ("loss 0.5", "loss 0.25"),
    "a.json": ("['loss'][1]", "0.5", "0.25"),
    "a.csv": ("line 2", "loss=0.5, step=1"),
    "a.npz": ("a.npy[400]", "0.5 (1 of 401 numbers differ)", "0.25"),
    "a.keras": ("m.json: ['x']", "0.5", "0.25"),
    "policy.zip": ("data: ['buffer']: ['r'][0]", "0.5", "0.25"),
    "a.pkl": ("['model']['w'][1]", "0.5", "0.25"),
    "events.out.tfevents.1": ("step 1, loss", "0.5", "0.25"),
    "a.db": ("runs", "loss=0.5", "loss=0.25"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_times_in_a_file_are_no_results(tmp_path, name):
    """The bytes differ, in times, process ids and drawn ids only."""
    runs = runs_of(tmp_path, lambda number: {name: FORMATS[name](0.5, number)})

    assert runs[0].files[0].sha256 != runs[1].files[0].sha256 or name == "a.npz"
    assert [] == outputs_differ(*runs)
    assert "" == found_in(runs, lambda *_: pytest.fail("no further run is needed")).why


@pytest.mark.parametrize("name", FORMATS)
def test_another_value_in_a_file_is_a_result(tmp_path, name):
    """And the first place that differs is told, with both values."""
    runs = runs_of(tmp_path, lambda number: {name: FORMATS[name]((0.5, 0.25)[number], number)})

    assert [name] == outputs_differ(*runs)
    told = of_pair(paired(runs)[0], runs)
    assert all(part in f"{told.place} | {told.first} | {told.second}" for part in PLACES.get(name, ()))


def test_what_the_user_names_counts_by_every_byte(tmp_path):
    """Times too."""
    from dataclasses import replace

    runs = runs_of(tmp_path, lambda number: {"a.json": json.dumps({"at": moment(number)})})
    named = [replace(run, files=tuple(replace(file, named=True) for file in run.files)) for run in runs]

    assert ["a.json"] == outputs_differ(*named)


@pytest.mark.parametrize("follows", [True, False])
def test_a_duration_in_a_file_must_follow_our_clocks(tmp_path, follows):
    """A column without a label is a result until then."""

    def make(number, clock=0.0):
        taken = 3 * clock if clock and follows else 0.5 + number / 7
        return {"monitor.csv": f"r,l,t\n1.0,20,{taken:.6f}\n"}

    runs = runs_of(tmp_path, make)
    for run in runs:
        (run.folder / "streams").mkdir()

    def under(settings, _purpose):
        clock = float(settings["clock"].partition(":")[2])
        run = run_of(tmp_path, 10 + int(10 * clock), make(10, clock))
        (run.folder / "streams").mkdir()
        return run

    assert ["monitor.csv"] == outputs_differ(*runs)
    found = found_in(runs, under)
    assert (follows, not follows) == (bool(found.only_times), bool(found.results))


# ------------------------------------------------------------------------------------------------------ hostile files


def test_nothing_but_regular_files_is_opened(tmp_path):
    """A link to a secret, a pipe and a socket are named, and left alone."""
    working = tmp_path / "working"
    working.mkdir()
    os.mkfifo(working / "pipe")
    (working / "link").symlink_to("/etc/passwd")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(working / "socket"))
        found = written.digests(sorted(working.iterdir()), written.Place(working, tmp_path / "kept"))

    assert ((), ["link", "pipe", "socket"]) == (found.files, [name for name, _ in found.left_out])


class Harmful:
    """A pickle of it starts a program."""

    def __reduce__(self):
        """Call the system's shell."""
        return os.system, ("touch harmed",)


def laughing():
    """A pickle whose lists hold each other ten times, thirty levels deep."""
    inner: list = ["ha"]
    for _ in range(30):
        inner = [inner] * 10
    return pickle.dumps(inner)


HOSTILE = {
    "a harmful pickle": pickle.dumps(Harmful()),
    "a laughing pickle": laughing(),
    "a deep pickle": b"\x80\x04" + b"]" * 5000 + b"a" * 4999 + b".",
    "a cut pickle": pickle.dumps(list(range(100)))[:-7],
    "a pickle with a length of its own": b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fabc.",
    "deep JSON": b"[" * 100_000,
    "a cut zip file": in_zip({"a": "x" * 999}, 0)[:-30],
    "an event of any length": in_events([1.0], 0) + struct.pack("<QI", 2**63, 7),
    "an array of any header": b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b"{",
    "a damaged gzip file": gzip.compress(b"x" * 999)[:20],
    "no HDF5 at all": b"\x89HDF\r\n\x1a\n" + b"\xff" * 99,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_digested_all_the_same(tmp_path, monkeypatch, name):
    """Nothing is executed, nothing is raised, and the same bytes are the same file."""
    monkeypatch.chdir(tmp_path)
    runs = runs_of(tmp_path, lambda _number: {"file": HOSTILE[name]})

    assert [] == outputs_differ(*runs)
    assert not (tmp_path / "harmed").exists()


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    """Beyond the limit nothing is read, and the result says that it was not compared."""
    monkeypatch.setattr(archives.Limit.__init__, "__defaults__", (1000,))
    runs = runs_of(tmp_path, lambda number: {"a.zip": in_zip({"zeros": bytes(100_000 + number)}, number)})

    assert [] == outputs_differ(*runs)
    assert ["a.zip"] == [name for name, _ in hidden(runs)]


def test_a_file_that_may_hold_times_and_cannot_be_read_is_named(tmp_path):
    """Without the audited interpreter HDF5 is not read."""
    runs = runs_of(tmp_path, lambda number: {"w.h5": b"\x89HDF\r\n\x1a\n" + bytes([number])}, python="")

    assert [] == outputs_differ(*runs)
    assert ["w.h5"] == [name for name, _ in hidden(runs)]


def test_a_sample_is_compared_of_too_many_files(tmp_path, monkeypatch):
    """The names of all, the contents of every third."""
    monkeypatch.setattr(written, "MOST_FILES", 4)
    runs = runs_of(tmp_path, lambda number: {f"{one}.txt": f"score {number * (one == 1)}" for one in range(10)})

    assert [] == outputs_differ(*runs)
    assert "6 of 10 files" == runs[0].not_compared[0][0]


def test_what_is_ignored_is_counted(tmp_path):
    """Profiles are left out too: they hold times alone."""
    files = {"a.txt": "x", "b.txt": "x", "tb/plugins/profile/a.pb": "x", "c": "x"}
    run = run_of(tmp_path, 0, files, ignore=["*.txt"])

    assert ["c"] == [file.path for file in run.files]
    assert {"2 files"} == {name for name, why in run.not_compared if why == written.IGNORED}


def test_formats_are_known_by_their_bytes():
    """The name says only which text is a table."""
    assert ("zip", "hdf5", "text", "table") == (
        contents.kind_of(b"PK\x03\x04", "a.txt"),
        contents.kind_of(b"\x89HDF\r\n\x1a\n", "a.txt"),
        contents.kind_of(b"a,b", "a.txt"),
        contents.kind_of(b"a,b", "a.csv"),
    )


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("a.csv", ("step,loss\n1,0.5\n2,\n", "loss,step\n0.5,1\n,2\n")),
        ("a.json", ('{"step": 1, "loss": [1, {"a": 2, "b": 3}]}', '{"loss": [1, {"b": 3, "a": 2}], "step": 1}')),
    ],
)
def test_columns_and_keys_have_no_order(tmp_path, name, texts):
    """Loggers write them in the order of a set; a list has one."""
    for folder in ("order", "value", "list"):
        (tmp_path / folder).mkdir()
    assert [] == outputs_differ(*runs_of(tmp_path / "order", lambda number: {name: texts[number]}))
    other = (texts[0], texts[1].replace("1", "4"))
    assert [name] == outputs_differ(*runs_of(tmp_path / "value", lambda number: {name: other[number]}))
    lists = ("[1, 2]", "[2, 1]")
    assert ["b.json"] == outputs_differ(*runs_of(tmp_path / "list", lambda number: {"b.json": lists[number]}))
