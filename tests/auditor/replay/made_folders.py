"""A working folder for tests of files around runs: its content, and runs that change it without starting a process."""

import os
import shutil
from pathlib import Path

from auditor.replay.files.aside import Aside
from auditor.replay.files.places import scope

COMMAND = ("python", "train.py")


def content(folder):
    """Relative path -> what lies there: bytes, target or folder, with its mode; and of files and links the mtime."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        name, state = str(path.relative_to(folder)), path.lstat()
        if path.is_symlink():
            found[name] = "link", str(path.readlink()), state.st_mtime_ns
        elif path.is_dir():
            found[name] = "folder", oct(state.st_mode)
        else:
            found[name] = path.read_bytes(), oct(state.st_mode), state.st_mtime_ns
    return found


def without_times(found):
    """The same, for comparison with another run."""
    return {name: one[:2] for name, one in found.items()}


def filled(folder):
    """A folder with files, a link, and folders; some files have an old time and an unusual mode."""
    folder.mkdir(exist_ok=True)
    for name, text in {"notes.txt": "mine", "log.csv": "before\n", "old/a.txt": "a", "old/b.txt": "b"}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(10**18, 10**18 + 123_456_789))
    (folder / "old/a.txt").chmod(0o640)
    (folder / "link").symlink_to("notes.txt")
    return folder


def program(folder, number=1):
    """A run that makes, changes, removes and renames files, links and folders."""
    with (folder / "log.csv").open("a") as log:
        log.write("run\n")
    (folder / "old/b.txt").unlink()
    (folder / "old/a.txt").rename(folder / "old/c.txt")
    (folder / "link").unlink()
    (folder / "link").symlink_to("log.csv")
    out = folder / "out" / f"2026-11-{number:02d}"
    out.mkdir(parents=True)
    (out / "ck.pt").write_text("weights")
    (folder / "ck.pt").write_text("weights")


def plain(folder, made_by=program):
    """What one plain run leaves of a filled folder."""
    copy = folder.with_name(f"{folder.name}-plain")
    shutil.rmtree(copy, ignore_errors=True)
    filled(copy)
    made_by(copy)
    found = content(copy)
    shutil.rmtree(copy)
    return without_times(found)


def aside_in(folder, most_bytes=1 << 30, announce=lambda _text: None):
    """The context around the runs in a folder."""
    return Aside(scope(COMMAND, str(folder)), announce, most_bytes)


def run(aside, number, made_by, *arguments):
    """One run."""
    aside.before(number, Path("/no/such/run"))
    made_by(*arguments)
    return aside.after(number)
