"""Digests of JAX's arrays: the whole of a sharded one, typed keys, sparse arrays, and every dtype."""

from __future__ import annotations

import struct

import pytest
from fingerprints import framed, problems_of_distinct, problems_of_equal, told

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def found():
    """What the script told, with four devices."""
    return told("jax_cases", XLA_FLAGS="--xla_force_host_platform_device_count=4", JAX_PLATFORMS="cpu")


def test_ordinary_arrays_are_framed_as_in_earlier_releases(found):
    """Manifests hold digests of such arrays, so the framing must stay."""
    numbers = [number - 2.5 for number in range(6)]
    upper = b"".join(struct.pack("<f", number)[2:] for number in numbers)
    expected = {
        "f32": framed("float32|2,3", struct.pack("<6f", *numbers)),
        "bf16": framed("bfloat16|2,3", upper),
        "i64": framed("int64|3", struct.pack("<3q", 0, 1, 2)),
        "truth": framed("bool|2,3", bytes(number > 0 for number in numbers)),
        "c64": framed("complex64|3", struct.pack("<6f", -2.5, 0.5, -1.5, 1.5, -0.5, 2.5)),
        "scalar": framed("float32|", struct.pack("<f", 1.5)),
    }

    assert expected == found["golden"]


def test_how_a_dense_array_is_held_does_not_count(found):
    """Results of compiled functions, and the same array of NumPy."""
    assert [] == problems_of_equal(found["of the same content"], 4)


def test_zero_size_arrays_differ_by_shape_and_dtype(found):
    """Every dtype that JAX has, and the one of gradients of integers."""
    assert [] == problems_of_distinct(found["zero-size"], len(found["zero-size"]))
    assert len(found["zero-size"]) >= 4 * 20
    assert [] == problems_of_distinct(found["float0"], 2)


def test_every_bit_of_small_dtypes_counts(found):
    """All bytes of each float8, and all numbers of two and four bits."""
    for group, least in (("one byte", 512), ("few bits", 32)):
        assert [] == problems_of_distinct(found[group], len(found[group]))
        assert len(found[group]) >= least


def test_a_sharded_array_has_the_digest_of_the_whole(found):
    """However four devices hold it; exchanged shards are another array."""
    assert [] == problems_of_equal(found["sharded"], 9)
    assert [] == problems_of_equal(found["sharded bfloat16"], 6)
    assert [] == problems_of_distinct(found["sharded differ"], 2)
    assert [] == problems_of_equal(found["sharded keys"], 2)


def test_a_typed_key_counts_by_implementation_and_data(found):
    """A key is not its data, and two implementations may have equal data."""
    assert [] == problems_of_distinct(found["keys"], 14)
    assert [] == problems_of_equal(found["equal keys"], 3)


def test_a_sparse_array_counts_by_its_parts(found):
    """Class, shape, indices and values as they are stored; hints about their order do not count."""
    assert [] == problems_of_distinct(found["sparse"], 15)
    assert [] == problems_of_equal(found["equal sparse"], 2)


def test_what_has_no_content_is_refused(found):
    """A traced value, a dtype, a sharding, a shape."""
    assert {"refused": "TracerArrayConversionError"} == found["traced"]
    assert len(found["refused"]) == 3
    assert all("has no fingerprint" in text for text in found["refused"].values())
