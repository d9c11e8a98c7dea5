"""Libraries that the payload carries: unchanged, complete, and with their licences."""

import base64
import csv
import hashlib

import pytest
from support import ROOT

LIBRARIES = sorted(path.parent for path in (ROOT / "checks" / "_vendored").glob("*/RECORD"))
OURS = {"RECORD", "README.md"}


def digest(path):
    """The SHA-256 of a file as RECORD writes it."""
    value = hashlib.sha256(path.read_bytes()).digest()
    return f"sha256={base64.urlsafe_b64encode(value).decode().rstrip('=')}"


def files(library):
    """Names of the files that were copied from the wheel."""
    return {path.name for path in library.iterdir() if path.is_file()} - OURS


def recorded(library):
    """Name to digest of the library's modules and of its licences, as the wheel that it came from recorded them."""
    with (library / "RECORD").open(newline="") as lines:
        rows = [(name.split("/"), value) for name, value, _ in csv.reader(lines)]
    return {
        place[-1]: value
        for place, value in rows
        if place[:-1] == [library.name] or (place[0].endswith(".dist-info") and place[1] == "licenses")
    }


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda path: path.name)
def test_a_vendored_library_is_the_published_one(library):
    """Each file has the digest that its wheel recorded: a fix of our own would be lost at the next renewal."""
    expected = recorded(library)

    assert {name: expected.get(name) for name in files(library)} == {
        name: digest(library / name) for name in files(library)
    }


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda path: path.name)
def test_a_vendored_library_keeps_every_licence(library):
    """Its terms ask for it, and the page tells the release and the digest of the wheel."""
    licences = {name for name in recorded(library) if name.startswith("LICENSE")}

    assert licences
    assert licences <= files(library)
    assert "sha256 `" in (library / "README.md").read_text()


def test_packaging_is_vendored():
    """The tests above have something to judge."""
    assert "packaging" in {library.name for library in LIBRARIES}
