"""What a run wrote is seen by snapshots of folders before and after it."""

from pathlib import Path

from auditor.replay.files import changes, tree


def seen(folder, without):
    """A snapshot of one folder."""
    return changes.snapshot(changes.Watched((str(folder),)), without)


def test_new_and_changed_files_are_seen(tmp_path):
    """Others, links, caches, temporary folders, environments and our own folder are not."""
    for name in ("kept", "changed", "env/pyvenv.cfg", "env/lib", "ours/trace"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before")
    before = seen(tmp_path, tmp_path / "ours")
    (tmp_path / "changed").write_text("after it")
    for name in ("new/a", "__pycache__/a.pyc", "env/lib2", "ours/more", "tmp/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("new")
    (tmp_path / "link").symlink_to("/etc/passwd")
    found = changes.written(before, seen(tmp_path, tmp_path / "ours"))

    assert ["changed", "new/a"] == [str(path.relative_to(tmp_path)) for path in found]


def test_a_working_folder_that_is_called_temporary_is_compared(tmp_path):
    """Only folders in it are temporary ones of the program."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    before = seen(folder, tmp_path / "none")
    (folder / "a").touch()

    assert [folder / "a"] == changes.written(before, seen(folder, tmp_path / "none"))


def test_a_home_is_named_and_not_compared():
    """A folder of the system as well."""
    found = changes.watched(["python", "train.py", "--logs=/home/x"], str(Path.home()))

    assert [(str(Path.home().resolve()), changes.TOO_GENERAL)] == list(found.left_out)[:1]
    assert str(Path.home().resolve()) not in found.roots


def test_a_folder_with_too_many_files_is_named(tmp_path, monkeypatch):
    """None of it is compared."""
    monkeypatch.setattr(tree.scan, "__defaults__", ((), 3))
    before = seen(tmp_path, tmp_path / "none")
    for number in range(4):
        (tmp_path / str(number)).touch()
    after = seen(tmp_path, tmp_path / "none")

    assert ((str(tmp_path), changes.TOO_MANY),) == after.left_out
    assert [] == changes.written(before, after)
