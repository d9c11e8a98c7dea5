"""Digests of TensorFlow's tensors: strings by value, ragged and sparse by their parts, replicas in order."""

from __future__ import annotations

import struct

import pytest
from fingerprints import framed, problems_of_distinct, problems_of_equal, told

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def found():
    """What the script told."""
    return told("tensorflow_cases")


def test_ordinary_tensors_are_framed_as_in_earlier_releases(found):
    """Manifests hold digests of such tensors and variables, so the framing must stay."""
    numbers = [number - 2.5 for number in range(6)]
    upper = b"".join(struct.pack("<f", number)[2:] for number in numbers)
    expected = {
        "f32": framed("float32|2,3", struct.pack("<6f", *numbers)),
        "bf16": framed("bfloat16|2,3", upper),
        "i64": framed("int64|3", struct.pack("<3q", 0, 1, 2)),
        "truth": framed("bool|2,3", bytes(number > 0 for number in numbers)),
        "c64": framed("complex64|3", struct.pack("<6f", -2.5, 0.5, -1.5, 1.5, -0.5, 2.5)),
        "scalar": framed("float32|", struct.pack("<f", 1.5)),
        "variable": framed("float32|2,3", struct.pack("<6f", *numbers)),
    }

    assert expected == found["golden"]


def test_how_a_dense_tensor_is_held_does_not_count(found):
    """Variables, results of functions, and the same array of NumPy."""
    assert [] == problems_of_equal(found["of the same content"], 5)
    assert [] == problems_of_equal(found["in chunks"], 3)


def test_zero_size_tensors_differ_by_shape_and_dtype(found):
    """Every dtype that TensorFlow has, but handles."""
    assert [] == problems_of_distinct(found["zero-size"], len(found["zero-size"]))
    assert len(found["zero-size"]) >= 4 * 20


def test_every_bit_of_small_dtypes_counts(found):
    """All bytes of each float8, numbers of four bits and of quantised types."""
    for group, least in (("one byte", 512), ("four bits", 16), ("quantised", 9)):
        assert [] == problems_of_distinct(found[group], len(found[group]))
        assert len(found[group]) >= least


def test_strings_count_by_value(found):
    """Never by the pointer that NumPy holds; their borders, trailing zeros and shape count."""
    assert [] == problems_of_equal(found["strings"], 3)
    assert [] == problems_of_equal(found["string scalars"], 3)
    assert [] == problems_of_distinct(found["strings differ"], 13)


def test_a_ragged_tensor_counts_by_its_rows(found):
    """Where rows end at every level, the values and their dtype, and the length of uniform rows."""
    assert [] == problems_of_distinct(found["ragged"], 16)
    assert [] == problems_of_equal(found["equal ragged"], 3)


def test_a_sparse_tensor_counts_by_its_parts(found):
    """Indices, values, shape; and the slices that an embedding's gradient is."""
    assert [] == problems_of_distinct(found["sparse"], 13)
    assert [] == problems_of_equal(found["equal sparse"], 2)


def test_each_replica_counts_in_order(found):
    """Of a distributed value and of a mirrored variable, whose first copy alone hides a difference."""
    assert [] == problems_of_distinct(found["replicas"], 6)
    assert [] == problems_of_equal(found["mirrored"], 3)
    assert [] == problems_of_distinct(found["mirrored differ"], 3)
    assert [] == problems_of_equal(found["results"], 2)


def test_handles_and_what_is_no_tensor_are_refused(found):
    """The bytes of a handle are an address."""
    assert len(found["refused"]) == 6
    assert all("has no fingerprint" in text for text in found["refused"].values())
