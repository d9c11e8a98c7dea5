"""Snapshots of folders, and what two of them differ in."""

import os

import pytest
from made_folders import content

from auditor.replay.files.tree import TooManyEntriesError, Written, difference, scan, stamp


def test_a_write_a_chmod_a_touch_and_a_replacement_are_changes(work):
    """Each alone; reading is none."""
    before = scan([str(work)])
    content(work)
    assert not difference(before, scan([str(work)]))
    with (work / "notes.txt").open("r+") as file:
        file.write("MINE")  # as long as before
    os.utime(work / "notes.txt", ns=(10**18, 10**18 + 123_456_789))
    (work / "log.csv").chmod(0o600)
    os.utime(work / "old/b.txt")
    (work / "old").chmod(0o700)
    changed = tuple(str(work / name) for name in ("log.csv", "notes.txt", "old", "old/b.txt"))

    assert Written(changed=changed) == difference(before, scan([str(work)]))


def test_new_entries_in_a_folder_do_not_change_the_folder(work):
    """They have stamps of their own."""
    before = scan([str(work)])
    (work / "old/new").write_text("")

    assert Written(new=(str(work / "old/new"),)) == difference(before, scan([str(work)]))


def test_another_kind_is_a_removal_and_something_new(work):
    """A file where a folder was."""
    before = scan([str(work)])
    (work / "notes.txt").unlink()
    (work / "notes.txt").mkdir()
    found = difference(before, scan([str(work)]))

    assert (found.new, found.changed, found.removed) == ((path := (str(work / "notes.txt"),)), (), path)


def test_a_root_may_be_a_file_or_missing(work):
    """As the command line names them."""
    assert {str(work / "notes.txt")} == {*scan([str(work / "notes.txt"), str(work / "no")])}


def test_too_large_a_tree_is_refused(work):
    """Two scans a run would take too long."""
    with pytest.raises(TooManyEntriesError):
        scan([str(work)], most=3)


def test_what_vanished_has_no_stamp(work):
    """Nor an error."""
    assert stamp(str(work / "no")) is None
