"""Digests of plain Python values and containers: types stay apart, and what has no defined bytes is refused."""

from __future__ import annotations

import collections
import dataclasses
import enum
import hashlib
import struct

import pytest
from fingerprints import framed, problems_of_distinct, problems_of_equal
from hypothesis import given
from hypothesis import strategies as st

from checks.fingerprint import digest


def _float(bits):
    return struct.unpack(">d", bits.to_bytes(8, "big"))[0]


def test_a_leaf_is_framed_by_its_header_and_its_length():
    """The bytes that are hashed are part of the format: manifests hold digests of earlier releases."""
    assert framed("text", b"abc") == digest("abc")
    assert framed("bytes", b"abc") == digest(b"abc")
    assert framed("int", b"-7") == digest(-7)
    assert framed("int", b"None") == digest(None)
    assert framed("int", b"False") == digest(not 1)
    assert framed("float", b"0x1.8000000000000p+0") == digest(1.5)


def test_lists_and_dicts_of_text_keep_the_digests_of_earlier_releases():
    """Losses are lists and state dicts have text as keys; both stand in manifests."""
    inner = b"<4:text:1:a<3:int:1:1<4:text:1:b[2:<5:float:20:0x1.8000000000000p+0<3:int:1:2"

    assert hashlib.sha256(b"{2:" + inner).hexdigest() == digest({"b": [1.5, 2], "a": 1})


def test_values_of_different_types_differ():
    """Numbers, text, bytes and containers that print alike."""
    values = [
        1,
        1.0,
        "1",
        b"1",
        True,
        "True",
        None,
        "None",
        1 + 0j,
        [1],
        (1,),
        [[1]],
        ((1,),),
        {1: 1},
        [],
        (),
        {},
        "",
        b"",
    ]
    group = {repr(value) + type(value).__name__: digest(value) for value in values}

    assert [] == problems_of_distinct(group, len(values))


def test_the_boundaries_of_containers_count():
    """What stands in one container is not what stands in two."""
    values = [
        [1, 2],
        [[1], 2],
        [[1, 2]],
        [1, [2]],
        [[1], [2]],
        ["12"],
        ["1", "2"],
        ["", "12"],
        {"a": [1, 2]},
        ["a", 1, 2],
    ]
    group = {repr(value): digest(value) for value in values}
    group["two arguments"] = digest(1, 2)

    assert [] == problems_of_distinct(group, len(values) + 1)


def test_the_types_of_keys_count_and_their_order_does_not():
    """`{1: ..}` is not `{"1": ..}`; keys of several types need not be comparable."""
    keys = {repr(key): digest({key: 0}) for key in (1, "1", 1.5, True, None, b"1", (1,), ("1",))}
    mixed = {"one order": digest({1: "a", "1": "b", (2,): "c"}), "another": digest({(2,): "c", "1": "b", 1: "a"})}

    assert [] == problems_of_distinct(keys, 8)
    assert [] == problems_of_equal(mixed, 2)
    assert digest({1: "a", "1": "b"}) != digest({1: "b", "1": "a"})


def test_zeros_and_nans_count_by_their_bits():
    """The sign of zero, and the sign and payload of a NaN."""
    numbers = [0.0, -0.0, _float(0x7FF8 << 48), _float(0xFFF8 << 48), _float(0x7FF8 << 48 | 1), float("inf")]
    group = {str(place): digest(number) for place, number in enumerate(numbers)}
    pairs = {str(place): digest(complex(*pair)) for place, pair in enumerate([(0.0, 0.0), (-0.0, 0.0), (0.0, -0.0)])}

    assert [] == problems_of_distinct(group, 6)
    assert [] == problems_of_distinct(pairs, 3)
    assert framed("float", b"nan") == digest(float("nan"))


def test_integers_of_any_size_have_a_digest():
    """Python refuses to write large ones in decimal."""
    group = {name: digest(sign << bits) for name, sign, bits in [("a", 1, 99999), ("b", -1, 99999), ("c", 1, 99998)]}

    assert [] == problems_of_distinct(group, 3)


def test_buffers_count_by_their_bytes():
    """A bytearray and a view of any layout are their bytes."""
    view = memoryview(bytes(range(24)))
    same = [bytes(range(24)), bytearray(range(24)), view, view.cast("i"), view.cast("B", (2, 3, 4))]

    assert [] == problems_of_equal({str(place): digest(value) for place, value in enumerate(same)}, 5)
    assert digest(bytes(range(24))[::2]) == digest(view[::2])
    assert digest(b"") == digest(memoryview(b""))


Point = collections.namedtuple("Point", "x y")  # noqa: PYI024 - the kind that is tested
Size = collections.namedtuple("Size", "x y")  # noqa: PYI024
Turned = collections.namedtuple("Point", "y x")  # noqa: PYI024


@dataclasses.dataclass
class Pair:
    """Two values."""

    x: object
    y: object


@dataclasses.dataclass
class Other:
    """Two values of the same names."""

    x: object
    y: object


def test_namedtuples_and_dataclasses_count_by_class_fields_and_values():
    """The same values under another class or other names differ, also from a plain tuple, list or dict."""
    values = [Point(1, 2), Point(2, 1), Size(1, 2), Turned(1, 2), (1, 2), [1, 2], {"x": 1, "y": 2}, Pair(1, 2)]
    values += [Pair(2, 1), Other(1, 2), Pair(1, (2,)), Pair(Pair(1, 2), 2)]
    group = {f"{place}": digest(value) for place, value in enumerate(values)}

    assert [] == problems_of_distinct(group, 12)
    assert digest(Point(1, 2)) == digest(Point(1, 2))
    assert digest(Pair(1, [2.0])) == digest(Pair(1, [2.0]))


def test_subclasses_without_fields_count_as_their_base():
    """Frameworks return such, where another path returns the base."""

    class Level(enum.IntEnum):
        """A number with a name."""

        LOW = 1

    assert digest({"b": 1, "a": 2}) == digest(collections.OrderedDict(b=1, a=2))
    assert digest(1) == digest(Level.LOW)


@pytest.mark.parametrize("value", [object(), {1, 2}, frozenset(), lambda: 0, iter([]), Pair, range(3), [object()]])
def test_what_has_no_defined_bytes_is_refused(value):
    """Its text would hold an address; also inside a container or a dataclass."""
    for held in (value, [value], Pair(1, value), {"a": value}):
        with pytest.raises(TypeError, match="no fingerprint and the check cannot compare it"):
            digest(held)


ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=3)
ATOMS |= st.binary(max_size=3)
KEYS = st.none() | st.booleans() | st.integers(-3, 3) | st.text("01a", max_size=2) | st.binary(max_size=1)
VALUES = st.recursive(
    ATOMS | st.sampled_from([0, 0.0, -0.0, "0", b"0", False, 1, 1.0, "1", True]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, min_size=2, max_size=2).map(lambda pair: Point(*pair))
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)


def typed(value):
    """A text that is equal for two values exactly if types and bits are."""
    if isinstance(value, dict):
        return f"dict({sorted(f'{typed(key)}:{typed(item)}' for key, item in value.items())})"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({','.join(map(typed, value))})"
    if isinstance(value, float):
        return f"float({struct.pack('>d', value).hex()})"
    if isinstance(value, complex):
        return f"complex({typed(value.real)},{typed(value.imag)})"
    return f"{type(value).__name__}({value!r})"


@given(VALUES, VALUES)
def test_two_values_have_one_digest_exactly_if_types_and_bits_are_equal(first, second):
    """Over nested values that hypothesis draws to be close to each other."""
    assert (typed(first) == typed(second)) == (digest(first) == digest(second))


@given(st.lists(ATOMS, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_a_permutation_of_a_list_counts(items, random):
    """Unless it moves only equal items."""
    shuffled = list(items)
    random.shuffle(shuffled)

    assert (list(map(typed, items)) == list(map(typed, shuffled))) == (digest(items) == digest(shuffled))


@given(st.dictionaries(KEYS, ATOMS, min_size=2, max_size=5))
def test_the_order_of_a_dict_never_counts(values):
    """Whatever the types of its keys are."""
    assert digest(values) == digest(dict(reversed(values.items())))
