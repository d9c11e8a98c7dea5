"""`tensorflow-file-order`: listings by age, sorted listings, and a listing that follows Python's."""

import os

import pytest
from judged import CURED, MARKS, PLANTED, finding

pytestmark = MARKS


ARBITRARY = {"tf.io.gfile.listdir", "tf.io.gfile.glob", "tf.io.gfile.walk"}


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a file system that lists by age")
def test_gfile_lists_by_age_and_datasets_do_not():
    """TensorFlow says so of `listdir`; `glob` says nothing. `list_files` and Keras sort."""
    found = finding("file-order")

    assert ("fail", "undocumented") == (found.outcome, found.known)
    assert ARBITRARY == set(found.evidence["differing"])
    assert ["tf.io.gfile.glob"] == found.evidence["undocumented"]


def test_sorted_listings_pass():
    """The cure: everything that `tf.io.gfile` lists is sorted."""
    found = finding("file-order", CURED)

    assert "pass" == found.outcome, found.message


def test_a_listing_as_python_gives_it_is_caught():
    """Planted: an operation lists as `os.listdir` does."""
    found = finding("file-order", PLANTED)
    moved = {*found.evidence["differing"], *found.evidence["factors"].get("file-order", [])}

    assert "fail" == found.outcome
    assert "tf.io.matching_files" in moved
    assert not {"tf.data.Dataset.list_files", "keras text_dataset_from_directory"} & moved
