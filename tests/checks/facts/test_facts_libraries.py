"""Digests of mapped libraries: RECORD's where the file is as it was installed, its own where it is not."""

import base64
import hashlib
import os
import shutil
from pathlib import Path

import pytest
from asking import facts, oracle, values
from support import AUDITED

from auditor.shipped import folder
from checks.facts import _record

LARGEST_HASHED_BYTES = 1 << 25


def _loaded(place, request=None):
    """What the process tells of the library of `place`, which it has loaded from the package there."""
    code = f"""
import ctypes, json, sys
sys.path[:0] = [{str(folder("checks").parent)!r}, {str(place)!r}]
ctypes.CDLL({str(place / "small" / "libomp_small.so")!r})
from checks.facts import _maps
print(json.dumps([one for one in _maps.loaded({request or {}!r}) if one["library"] == "libomp_small.so"]))
"""
    (one,) = oracle(code, python=AUDITED)
    return one


def _digest(path):
    state = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            state.update(block)
    return state.hexdigest()


def _stated(digest):
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")


@pytest.fixture(scope="module")
def openmp():
    """A small real library that any process can load."""
    script = "import importlib.util, json; print(json.dumps(importlib.util.find_spec('torch').origin))"
    return Path(oracle(script)).with_name("lib") / "libgomp.so.1"


@pytest.fixture
def package(tmp_path, openmp):
    """A package of one library as an installer leaves it: the files, and RECORD last."""
    library = tmp_path / "small" / "libomp_small.so"
    library.parent.mkdir()
    shutil.copyfile(openmp, library)
    os.utime(library, ns=(1, 1))
    info = tmp_path / "small-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: small\nVersion: 1\n\n")
    row = f"small/libomp_small.so,sha256={_stated(_digest(library))},{library.stat().st_size}"
    (info / "RECORD").write_text(f"small/__init__.py,,\n{row}\nsmall-1.dist-info/RECORD,,\n")
    return tmp_path


def _lengthen(library):
    library.write_bytes(library.read_bytes() + b"\0")


def _edit(library):
    """The last bit of the file, in a table of sections that no loader reads; the length stays."""
    content = bytearray(library.read_bytes())
    content[-1] ^= 1
    library.write_bytes(content)


def test_an_installed_library_has_the_digest_of_its_record(package):
    """At no cost, and it is the file's own."""
    one = _loaded(package)

    assert one["sha256_from"] == "RECORD"
    assert one["sha256"] == _digest(package / "small" / "libomp_small.so")
    assert one["path"] == "small/libomp_small.so"


def test_what_record_says_is_not_computed(package):
    """A RECORD that lies is told as RECORD's word, and `--verify-files` finds the lie."""
    library, record = package / "small" / "libomp_small.so", package / "small-1.dist-info" / "RECORD"
    record.write_text(record.read_text().replace(_stated(_digest(library)), _stated("ab" * 32)))
    told, verified = _loaded(package), _loaded(package, {"verify_files": True})

    assert (told["sha256"], told["sha256_from"]) == ("ab" * 32, "RECORD")
    assert (verified["sha256"], verified["sha256_from"]) == (_digest(library), "file")


@pytest.mark.parametrize("change", [_lengthen, _edit])
def test_a_changed_library_does_not_get_the_digest_of_its_record(package, change):
    """Another length, or the same length and written after RECORD: its own digest is taken from the file."""
    library = package / "small" / "libomp_small.so"
    before = _digest(library)
    change(library)
    one = _loaded(package)

    assert one["sha256_from"] == "file"
    assert one["sha256"] == _digest(library) != before


@pytest.mark.parametrize(
    "record",
    ["", "\0\n", "small/libomp_small.so\n", "small/libomp_small.so,sha256=?,{size}\n", '"small/libomp_small.so,\n'],
)
def test_a_record_that_says_nothing_costs_nothing(package, record):
    """An empty, binary or torn one, or a digest that is none: the file is hashed."""
    library = package / "small" / "libomp_small.so"
    text = record.replace("{size}", str(library.stat().st_size))
    (package / "small-1.dist-info" / "RECORD").write_text(text)

    assert _loaded(package)["sha256_from"] == "file"


def test_a_name_with_a_comma_is_found_in_a_record(tmp_path):
    """RECORD is CSV: such a name stands in quotes there; one that only ends alike is another file."""
    names = ("pkg/a,b.so", 'pkg/c"d.so', "pkg/e.so")
    info = tmp_path / "pkg-1.dist-info"
    info.mkdir()
    (tmp_path / "pkg").mkdir()
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    rows = (
        f'"pkg/a,b.so",sha256={"A" * 43},10',
        f'"pkg/c""d.so",sha256={"A" * 43},10',
        f"x/pkg/e.so,sha256={'A' * 43},8",
    )
    (info / "RECORD").write_text("\r\n".join(rows) + "\r\n")
    paths = [os.path.realpath(tmp_path / name) for name in names]

    assert _record.stated(paths, [str(info)]) == dict.fromkeys(paths[:2], "00" * 32)


@pytest.mark.frameworks
@pytest.mark.parametrize("framework", ["torch", "tensorflow", "jax"])
def test_every_library_of_a_framework_has_a_digest(framework):
    """Those of wheels have RECORD's; it is the one that the file really has, whatever its size."""
    found = values(facts(framework + "_after", framework=framework))
    told, paths = found[framework + ".libraries.loaded"], found[framework + ".libraries.paths"]

    assert [one.get("sha256") for one in told] == [_digest(Path(path)) for path in paths]
    assert {one["sha256_from"] for one in told if not one["path"].startswith("/")} == {"RECORD"}
    assert {one["sha256_from"] for one in told if one["path"].startswith("/")} <= {"file"}
    assert any(one["size"] > LARGEST_HASHED_BYTES for one in told)
