"""python-file-order sees a file system that lists by history, and passes where listings are sorted."""

import sys

from support import verdict

BY_HISTORY = """
import os
plain = os.listdir
os.listdir = lambda path='.': sorted(plain(path), reverse=path.endswith("other"))
"""
SORTED = """
import glob, os
plain_list, plain_scan = os.listdir, os.scandir
os.listdir = lambda path='.': sorted(plain_list(path))
class Entries(list):
    __enter__ = lambda self: self
    __exit__ = lambda self, *gone: None
    close = lambda self: None
os.scandir = lambda path='.': Entries(sorted(plain_scan(path), key=lambda entry: entry.name))
"""


def test_a_listing_by_history_is_caught_and_known_as_documented(tmp_path):
    """Planted: the second folder is listed backwards. Python documents that the order is arbitrary."""
    setup = tmp_path / "setup.py"
    setup.write_text(BY_HISTORY)
    answer = verdict("python-file-order", setup=str(setup), python=sys.executable)

    assert ("fail", "documented") == (answer.outcome, answer.known)
    assert "os.listdir" in answer.evidence["broken"]


def test_sorted_listings_pass(tmp_path):
    """The cure: every listing sorted by name."""
    setup = tmp_path / "setup.py"
    setup.write_text(SORTED)

    assert verdict("python-file-order", setup=str(setup), python=sys.executable).outcome == "pass"
