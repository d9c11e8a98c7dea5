"""What came from a git commit, and what a lock says."""

from __future__ import annotations

import audit_example
import docker_reader
import pytest

from auditor.container import specs

SHA256 = audit_example.PAYLOAD_SHA256
value = audit_example.value
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SOURCE = {"version": "1.0", "origin": "git", "commit": COMMIT}
LOCK = f"# Written\nnumpy==2.4.0 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n"


def manifest(distributions, addresses=()):
    """The example with these distributions."""
    found = {"python.distributions": value(distributions), "python.distributions.addresses": value([*addresses])}
    return audit_example.manifest(facts={**audit_example.FACTS, **found}, findings=[])


@pytest.mark.parametrize(
    ("entry", "addresses"),
    [({**SOURCE, "url": "https://example.org/a/b"}, []), (SOURCE, ["mine: https://example.org/a/b"])],
)
def test_a_git_commit_over_https_is_pinned(entry, addresses):
    """Its address stands in a fact of its own; git is in the stage that builds, and not in the image."""
    found = manifest({"mine": entry}, addresses)
    files = specs.files(found, SHA256)
    docker = docker_reader.dockerfile(files["Dockerfile"])
    wanted = docker_reader.requirements(files["requirements.txt"])

    assert [(one.name, one.url) for one in wanted] == [("mine", f"git+https://example.org/a/b@{COMMIT}")]
    assert "--no-install-recommends ca-certificates git;" in docker.all("RUN")[0]
    assert "apt-get" not in docker.all("RUN")[1]
    assert any(note.startswith("FROM SOURCE: mine 1.0 is built from") for note in specs.notes(found))


@pytest.mark.parametrize(
    "entry",
    [
        {**SOURCE, "url": "ssh://git@example.org/a"},
        {**SOURCE, "url": "file:///home/me/a"},
        {**SOURCE, "url": "https://example.org/a", "commit": "main"},
        {**SOURCE, "url": "https://example.org/a", "editable": True},
        {**SOURCE, "url": "https://host-0123456789ab/a"},
        {**SOURCE, "url": "https://<redacted>@example.org/a"},
        {**SOURCE, "url": "https://example.org/a\n--index-url=x"},
        {**SOURCE, "url": "https://example.org/../../a"},
        {**SOURCE, "origin": "hg", "url": "https://example.org/a"},
        {"version": "1.0", "origin": "folder", "editable": True},
        {"version": "1.0", "origin": "archive", "url": "https://example.org/mine-1.0.tar.gz"},
        {"version": "1.0", "origin": "unknown"},
        SOURCE,
    ],
)
def test_any_other_origin_is_left_out_by_name(entry):
    """Nothing that is not safe to write is written."""
    found = manifest({"mine": entry})
    files = specs.files(found, SHA256)

    assert docker_reader.requirements(files["requirements.txt"]) == []
    assert any(note.startswith("LEFT OUT: 'mine' 1.0 came from") for note in specs.notes(found))
    assert "git" not in docker_reader.dockerfile(files["Dockerfile"]).all("RUN")[0]


def test_a_lock_takes_the_place_of_the_requirements():
    """Pip then refuses whatever has another hash; nothing is UNHASHED."""
    found = manifest({"numpy": {"version": "2.4.0"}})
    files = specs.files(found, SHA256, choices=specs.Choices(lock=LOCK))

    assert files["requirements.lock"] == LOCK
    assert "requirements.txt" not in files
    for text in (files["Dockerfile"], files["apptainer.def"]):
        assert "--require-hashes --find-links /spec/wheels --requirement /spec/requirements.lock" in text
    assert "requirements.lock /spec/requirements.lock" in docker_reader.dockerfile(files["Dockerfile"]).all("COPY")
    assert not any(note.startswith("UNHASHED") for note in specs.notes(found, specs.Choices(lock=LOCK)))


def test_a_lock_and_a_manifest_that_disagree_are_said_to():
    """Missing, foreign, of another version."""
    found = manifest(
        {"numpy": {"version": "2.4.1"}, "scipy": {"version": "1"}, "mine": {**SOURCE, "url": "https://example.org/a"}}
    )
    text = LOCK + f"evil==1 --hash=sha256:{'c' * 64}\n"
    notes = specs.notes(found, specs.Choices(lock=text))

    assert "LEFT OUT: the lock has no 'mine', 'scipy'." in notes
    assert "CONFLICT: the lock has 'evil', which the manifest lacks." in notes
    assert "CONFLICT: the lock has other versions of 'numpy' than the manifest." in notes


@pytest.mark.parametrize(("version", "left_out"), [("2.4.0", False), ("2.4.1", True)])
def test_an_archive_that_the_lock_holds_is_rebuilt(version, left_out):
    """It was locked by the hash that its installation kept; without it in the lock it is left out by name."""
    found = manifest({"numpy": {"version": version, "origin": "archive", "archive_hash": "sha256:" + "a" * 64}})
    notes = specs.notes(found, specs.Choices(lock=LOCK))

    assert any(note.startswith("LEFT OUT: 'numpy'") for note in notes) == left_out


def test_a_lock_is_read():
    """Name to version."""
    assert specs.locked(LOCK) == {"numpy": "2.4.0"}


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org",
        "-r other",
        "-e .",
        "numpy==2.4.0",
        "numpy>=2 --hash=sha256:" + "a" * 64,
        "numpy==2.4.0 --hash=md5:" + "a" * 32,
        "numpy==2.4.0 --hash=sha256:" + "a" * 64 + " --config-settings=x=y",
        "numpy @ https://example.org/x.whl --hash=sha256:" + "a" * 64,
        "numpy==2.4.0 ; python_version > '3' --hash=sha256:" + "a" * 64,
        "../x==1 --hash=sha256:" + "a" * 64,
        "# a comment ends with a backslash \\\n--index-url https://example.org",
        "numpy==2.4.0 \\\n# a comment\n --hash=sha256:" + "a" * 64,
        "\u202enumpy==2.4.0 --hash=sha256:" + "a" * 64,
        "numpy==2.4.0 --hash=sha256:" + "a" * 64 + "\r-r x",
    ],
)
def test_a_lock_with_any_other_line_is_refused(line):
    """A file named by --lock may be somebody else's as well."""
    with pytest.raises(ValueError, match=r"lock|form"):
        specs.Choices(lock=f"{LOCK}{line}\n").check()
