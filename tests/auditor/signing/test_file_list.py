"""The signed list of a folder's files: what it says, and what is refused as one."""

import hashlib
import json

import pytest

from auditor.errors import ManifestError
from auditor.manifest.strict_json import canonical
from auditor.signing import file_list

MANIFEST = b'{"_type":"x"}'
FILES = {"report.md": b"text\n", "specs/Dockerfile": b"FROM"}


def document(**changes):
    """The list of FILES as a document, with fields replaced."""
    return {**json.loads(file_list.payload(FILES, MANIFEST, "9.9")), **changes}


def test_it_says_what_each_file_holds():
    """Digest and length of each file, the manifest to which they belong, and who wrote it."""
    read = file_list.read(file_list.payload(FILES, MANIFEST, "9.9"))

    assert {name: (one.sha256, one.size_bytes) for name, one in read.files.items()} == {
        name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in FILES.items()
    }
    assert (read.version, read.manifest_sha256) == ("9.9", hashlib.sha256(MANIFEST).hexdigest())
    assert file_list.belongs_to(read, MANIFEST)
    assert not file_list.belongs_to(read, MANIFEST + b" ")


def test_the_bytes_depend_on_the_files_alone():
    """In whatever order they were written, the list is the same canonical statement."""
    other = dict(reversed(FILES.items()))

    assert file_list.payload(FILES, MANIFEST, "1") == file_list.payload(other, MANIFEST, "1")
    assert canonical(document()) == file_list.payload(FILES, MANIFEST, "9.9")


def test_unknown_fields_are_ignored():
    """A later version may add some, at every level."""
    grown = document(later={"x": 1})
    grown["predicate"]["later"] = 1
    grown["subject"][0]["later"] = 1

    assert file_list.read(canonical(grown)).files == file_list.read(canonical(document())).files


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../x",
        "./x",
        "a//b",
        "a/",
        "a\\b",
        "a\nb",
        "a\x1b[31m",
        ".",
        "..",
        "a/./b",
        "\u202etxt",
    ],
)
def test_a_name_that_is_no_plain_path_is_refused(name):
    """It would lead out of the folder, name one file in two ways, or attack a terminal; in reading and in writing."""
    subject = {"name": name, "digest": {"sha256": "0" * 64}}

    with pytest.raises(ManifestError, match="no plain path"):
        file_list.read(canonical(document(subject=[subject])))
    with pytest.raises(ManifestError, match="no plain path"):
        file_list.payload({name: b""}, MANIFEST, "1")


@pytest.mark.parametrize(
    "changes",
    [
        {"predicateType": "urn:auditor:environment-audit:v0.1"},
        {"predicateType": "urn:auditor:folder:v0.2"},
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"predicate": None},
        {"predicate": {}},
        {"predicate": {"manifestSha256": "A" * 64}},
        {"predicate": {"manifestSha256": ["0" * 64]}},
        {"subject": []},
        {"subject": {}},
        {"subject": [None]},
        {"subject": [{"name": "a"}]},
        {"subject": [{"name": "a", "digest": {"sha256": "0" * 63}}]},
        {"subject": [{"name": "a", "digest": {"sha256": "0" * 64}}] * 2},
        {"subject": [{"name": str(number), "digest": {"sha256": "0" * 64}} for number in range(10_001)]},
    ],
)
def test_what_is_no_list_is_refused(changes):
    """Another statement (a manifest among them), a later version, and what two readers could read differently."""
    with pytest.raises(ManifestError):
        file_list.read(canonical(document(**changes)))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'{"_type":1,"_type":1}', b"\xff"])
def test_what_is_no_document_is_refused(data):
    """As everything that is read."""
    with pytest.raises(ManifestError):
        file_list.read(data)


def test_a_length_is_told_and_never_needed():
    """A list without lengths, or with senseless ones, is read; digests decide."""
    for sizes in (None, {}, {"report.md": -1}, {"report.md": True}, {"report.md": "5"}):
        changed = document()
        changed["predicate"]["bytes"] = sizes

        assert file_list.read(canonical(changed)).files["report.md"].size_bytes is None
