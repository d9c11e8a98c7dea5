"""Which folders are protected, and where the store lies."""

import os
from pathlib import Path

import pytest

from auditor.errors import UsageError
from auditor.replay.files import places
from auditor.replay.files.places import is_below, scope, store_for


def test_paths_of_the_command_line_outside_of_the_working_folder_are_named(tmp_path):
    """As an argument, as the value of an option, and as a Hydra override; not what lies inside."""
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "data").mkdir()
    command = [
        "python",
        str(work / "train.py"),
        str(tmp_path / "data"),
        f"--out={tmp_path}/out",
        f"log={tmp_path}/logs",
        f"{tmp_path}/data/inner",
        "--lr=1/2",
        "https://example.org/x",
        "/no/such/folder/x",
    ]

    assert (str(tmp_path / "data"), f"{tmp_path}/out", f"{tmp_path}/logs") == scope(command, str(work)).named


@pytest.mark.parametrize("folder", ["/", "/tmp", "/usr/lib", "/etc"])
def test_general_folders_are_never_protected(tmp_path, folder):
    """Neither named nor, but for what is new, as a working folder."""
    assert () == scope(["python", "x", folder], str(tmp_path)).named
    assert scope(["python"], folder).new_only


def test_a_home_and_what_is_above_the_working_folder_are_refused_by_name(tmp_path, monkeypatch):
    """So that the user is told."""
    home, work = tmp_path / "home", tmp_path / "a/work"
    home.mkdir()
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    found = scope(["python", str(home), str(tmp_path / "a"), "/usr/bin/"], str(work))

    assert ((), (str(home), str(tmp_path / "a"))) == (found.named, found.refused)


def test_the_store_lies_in_the_state_folder_if_a_rename_reaches_it(tmp_path, state):
    """Else beside the working folder, else hidden in it."""
    work = tmp_path / "work"
    work.mkdir()

    assert state / "auditor/replay/key" == store_for(str(work), "key")


def test_on_another_file_system_it_lies_beside(tmp_path, monkeypatch):
    """Where a rename from the working folder would fail."""
    work = tmp_path / "work"
    work.mkdir()
    far = Path("/dev/shm")
    if not far.is_dir() or far.stat().st_dev == work.stat().st_dev:
        pytest.skip("no second file system")
    monkeypatch.setenv("XDG_STATE_HOME", f"/dev/shm/auditor-test-{os.getpid()}")
    try:
        assert tmp_path / ".auditor-replay-key" == store_for(str(work), "key")
    finally:
        for name in ("auditor/replay", "auditor", ""):
            Path(f"/dev/shm/auditor-test-{os.getpid()}", name).rmdir()


def test_what_lies_below(tmp_path):
    """A name that only begins alike does not."""
    assert [True, True, False] == [is_below(path, "/a/b") for path in ("/a/b", "/a/b/c", "/a/bc")]
    assert is_below("/x", "/")
    assert places.key(str(tmp_path)) != places.key("/")


def test_sizes():
    """Decimal and binary units; anything else is a usage error."""
    from auditor.cli._files_aside import bytes_of

    assert [2 << 30, 500 * 10**6, 0, 1536] == [bytes_of(text) for text in ("2GiB", "500 MB", "0", "1.5ki")]
    with pytest.raises(UsageError):
        bytes_of("much")
