"""What a run wrote is seen by listing folders before and after it."""

from pathlib import Path

from auditor.replay.files import changes


def test_new_and_changed_files_are_seen(tmp_path):
    """Others, links, caches, environments and our own folder are not."""
    for name in ("kept", "changed", "env/pyvenv.cfg", "env/lib", "ours/trace"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before")
    before = changes.listed([tmp_path], tmp_path / "ours")
    (tmp_path / "changed").write_text("after it")
    for name in ("new/a", "__pycache__/a.pyc", "env/lib2", "ours/more", "tmp/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("new")
    (tmp_path / "link").symlink_to("/etc/passwd")
    found = changes.written(before, changes.listed([tmp_path], tmp_path / "ours"))

    assert ["changed", "new/a"] == [str(path.relative_to(tmp_path)) for path in found]


def test_folders_of_the_command_line_are_listed(tmp_path):
    """Existing ones outside the working folder, also as values of options; links are not."""
    here, out, other = (tmp_path / name for name in ("here", "out", "other"))
    for folder in (here, out, other, here / "inner"):
        folder.mkdir()
    (tmp_path / "link").symlink_to(out)
    command = ["python", "train.py", str(out), f"--logs={other}", "inner", str(tmp_path / "link"), "absent"]

    assert [here, out, other] == changes.folders(command, here)


def test_a_home_is_not_listed():
    """It is named instead."""
    found = changes.listed([Path("/"), Path.home()], Path("/none"))

    assert (0, {"/", str(Path.home())}) == (len(found.stamps), {name for name, _ in found.left_out})


def test_a_folder_with_too_many_files_is_named(tmp_path, monkeypatch):
    """None of it is compared."""
    monkeypatch.setattr(changes, "MOST_ENTRIES", 3)
    for number in range(4):
        (tmp_path / str(number)).touch()
    found = changes.listed([tmp_path], tmp_path / "none")

    assert ({}, ((str(tmp_path), changes.TOO_MANY),)) == (found.stamps, found.left_out)
