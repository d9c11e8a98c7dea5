"""Digests of NumPy arrays: by value and never by pointer, in one byte order, without undefined bytes."""

from __future__ import annotations

import struct

import pytest
from fingerprints import framed, problems_of_distinct, problems_of_equal, told

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def found():
    """What the script told."""
    return told("numpy_cases")


def test_ordinary_arrays_are_framed_as_in_earlier_releases(found):
    """Manifests hold digests of such arrays, so the framing must stay."""
    expected = {
        "f4": framed("float32|2,3", struct.pack("<6f", *(number - 2.5 for number in range(6)))),
        "scalar": framed("float32|", struct.pack("<f", 1.5)),
        "f8": framed("float", b"0x1.8000000000000p+0"),
        "c16": framed("complex128|", struct.pack("<2d", 1, 2)),
        "text": framed("str64|2", "abc\0".encode("utf-32-le")),
        "truth": framed("bool|2", b"\1\0"),
    }

    assert expected == found["golden"]


def test_zero_size_arrays_differ_by_shape_and_dtype(found):
    """Every dtype of NumPy and of ml_dtypes, strings, objects and records; equal dtypes give equal digests."""
    assert [] == problems_of_distinct(found["zero-size"], len(found["zero-size"]))
    assert len(found["zero-size"]) >= 4 * 40
    assert [] == problems_of_equal(found["zero-size of equal types"], 2)


def test_objects_and_strings_count_by_value(found):
    """Equal elements at other addresses are equal; the kind of array, order, borders and missing values count."""
    assert [] == problems_of_equal(found["objects"], 3)
    assert [] == problems_of_equal(found["strings"], 4)
    assert [] == problems_of_distinct(found["kinds of strings"], 10)
    assert [] == problems_of_distinct(found["objects of any kind"], 5)
    assert [] == problems_of_equal(found["objects of another library"], 2)
    assert [] == problems_of_distinct(found["objects of another library differ"], 2)


def test_what_has_no_defined_bytes_is_refused(found):
    """An object inside an array, a dtype, a generator."""
    assert len(found["refused"]) == 4
    assert all("has no fingerprint" in text for text in found["refused"].values())


def test_the_byte_order_does_not_count(found):
    """A big-endian array has the digest of its values; equal bytes in another order are other values."""
    orders = {name: group for name, group in found.items() if name.startswith("byte order")}

    assert {} == {name: problems for name, group in orders.items() if (problems := problems_of_equal(group, 3))}
    assert len(orders) == 9
    assert [] == problems_of_distinct(found["reinterpreted"], 2)


def test_the_layout_does_not_count(found):
    """Strides, order in memory, subclasses without content of their own."""
    assert [] == problems_of_equal(found["layouts"], 6)
    assert [] == problems_of_equal(found["broadcast"], 2)


def test_bytes_that_are_never_written_do_not_count(found):
    """The padding of records and of long doubles."""
    assert [] == problems_of_equal(found["records"], 2)
    assert [] == problems_of_distinct(found["records differ"], 4)
    assert [] == problems_of_equal(found["long doubles"], 3)
    assert [] == problems_of_equal(found["complex long doubles"], 2)
    assert [] == problems_of_distinct(found["long doubles differ"], 4)


def test_a_masked_array_counts_by_its_mask_and_what_is_visible(found):
    """Hidden data and the fill value do not count."""
    assert [] == problems_of_equal(found["masked"], 3)
    assert [] == problems_of_distinct(found["masked differ"], 11)
    assert [] == problems_of_equal(found["masked without a mask"], 2)


def test_how_an_array_is_cut_into_chunks_makes_no_difference(found):
    """Views of every layout, with chunks from one byte to the whole; none is larger than a chunk."""
    cut = {name: group for name, group in found.items() if name.startswith("in chunks")}

    assert {} == {name: problems for name, group in cut.items() if (problems := problems_of_equal(group, 5))}
    assert [] == problems_of_distinct(
        {name: group["8"] for name, group in cut.items() if ": big" not in name and ": fortran" not in name}, 9
    )


@pytest.mark.slow
def test_more_than_two_gibibytes_are_digested_without_a_copy():
    """The digest is that of the definition, computed in one piece, and memory grows by less than 200 MiB."""
    found = told("large_cases")

    assert [] == problems_of_equal(found["large"], 2)
