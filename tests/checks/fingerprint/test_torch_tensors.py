"""Digests of torch tensors of every dtype and layout."""

from __future__ import annotations

import struct

import pytest
from fingerprints import framed, problems_of_distinct, problems_of_equal, told

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def found():
    """What the script told."""
    return told("torch_cases")


def test_ordinary_tensors_are_framed_as_in_earlier_releases(found):
    """Also bfloat16 and float8, whose header has the element's size as one more axis."""
    numbers = [number - 2.5 for number in range(6)]
    upper = b"".join(struct.pack("<f", number)[2:] for number in numbers)
    expected = {
        "f32": framed("float32|2,3", struct.pack("<6f", *numbers)),
        "bf16": framed("bfloat16|2,3,2", upper),
        "i64": framed("int64|3", struct.pack("<3q", 0, 1, 2)),
        "truth": framed("bool|2,3", bytes(number > 0 for number in numbers)),
        "c64": framed("complex64|3", struct.pack("<6f", -2.5, 0.5, -1.5, 1.5, -0.5, 2.5)),
        "f8": framed("float8_e5m2|2,3,1", bytes(struct.pack("<e", number)[1] for number in numbers)),
        "scalar": framed("float32|", struct.pack("<f", 1.5)),
    }

    assert expected == found["golden"]


def test_zero_size_tensors_differ_by_shape_and_dtype(found):
    """Every dtype that torch has, dense and quantised."""
    assert [] == problems_of_distinct(found["zero-size"], len(found["zero-size"]))
    assert len(found["zero-size"]) >= 4 * 40


def test_every_byte_of_every_float8_counts(found):
    """All 256 bytes under each of the dtypes of one byte."""
    assert [] == problems_of_distinct(found["one byte"], len(found["one byte"]))
    assert len(found["one byte"]) >= 256 * 5


def test_dtype_shape_and_bits_of_every_dtype_count(found):
    """The same bytes under another dtype or shape differ, and so do other bytes; strides do not count."""
    names = ("same bytes", "shape", "other bytes", "turned")
    every = {f"{name} {label}": digest for name in names for label, digest in found[name].items()}

    assert [] == problems_of_distinct(every, len(every))
    assert len(found["same bytes"]) >= 18
    assert found["turned"] == found["turned copy"]


def test_conjugate_and_negative_views_count_by_their_values(found):
    """A view that torch has not computed is what it would compute; so are zeros without memory."""
    assert [] == problems_of_equal(found["conjugates"], 3)
    assert [] == problems_of_equal(found["negatives"], 3)
    assert [] == problems_of_distinct(found["conjugates differ"], 6)
    assert [] == problems_of_equal(found["zeros without memory"], 2)


def test_how_a_dense_tensor_is_held_does_not_count(found):
    """Parameters, strides, views, and the same array of NumPy."""
    assert [] == problems_of_equal(found["of the same content"], 7)


def test_a_sparse_tensor_counts_by_layout_shape_and_parts(found):
    """COO, coalesced or not, CSR, CSC, BSR, BSC and mkldnn; entries in another order are another tensor."""
    assert [] == problems_of_distinct(found["sparse"], 24)
    assert [] == problems_of_equal(found["equal sparse"], 3)
    assert [] == problems_of_distinct(found["blocked"], 3)


def test_a_nested_tensor_counts_by_its_components_in_order(found):
    """In both layouts: borders, order, values, dtype, and components without elements; bytes between them do not."""
    assert [] == problems_of_distinct(found["nested"], 19)
    assert [] == problems_of_equal(found["jagged with holes"], 3)
    assert [] == problems_of_distinct(found["transposed jagged"], 2)


def test_a_quantised_tensor_counts_by_integers_scales_zero_points_and_axis(found):
    """Equal integers of another scale are other numbers."""
    assert [] == problems_of_distinct(found["quantised"], 11)
    assert [] == problems_of_distinct(found["axes of quantised"], 2)
    assert [] == problems_of_equal(found["equal quantised"], 2)
    assert [] == problems_of_distinct(found["four bits"], 2)


def test_a_masked_tensor_counts_by_its_mask_and_what_is_visible(found):
    """Hidden data do not count."""
    assert [] == problems_of_equal(found["masked"], 2)
    assert [] == problems_of_distinct(found["masked differ"], 6)


def test_results_with_names_are_tuples(found):
    """A compiled function returns a plain tuple where torch returns `torch.return_types.sort`."""
    assert [] == problems_of_equal(found["named results"], 2)
    assert [] == problems_of_equal(found["sizes"], 2)


def test_a_state_is_digested(found):
    """Parameters as arrays of NumPy are equal; an optimizer's state has numbers as keys."""
    assert [] == problems_of_equal(found["state"], 2)
    assert [] == problems_of_equal(found["optimizer"], 2)


def test_what_has_no_defined_bytes_is_refused(found):
    """A subclass whose content only it knows; what is no tensor."""
    assert len(found["refused"]) == 4
    assert all("has no fingerprint" in text for text in found["refused"].values())


def test_a_strided_tensor_is_cut_without_a_copy_of_the_whole(found):
    """Also of a dtype that NumPy lacks; the digest is that of the copy."""
    assert all([] == problems_of_equal(found[f"in chunks: {name}"], 3) for name in ("bf16", "f32", "f8"))
