"""Changes that weak digests miss: hypothesis constructs them, and NumPy and torch in the audited Python are asked."""

from __future__ import annotations

import json
import math
import subprocess

import pytest
from fingerprints import CASES, framed
from hypothesis import given, settings
from hypothesis import strategies as st
from support import AUDITED, ROOT

pytestmark = pytest.mark.frameworks

SIZES = {"float32": 4, "float64": 8, "float16": 2, "int32": 4, "uint8": 1, "complex64": 8, "int64": 8}
ONLY_TORCH = {"bfloat16": 2, "float8_e4m3fn": 1, "float8_e5m2": 1}


@pytest.fixture(scope="module")
def ask():
    """A function from descriptions (library, dtype, shape, hexadecimal bytes) to digests, by one process."""
    command = [AUDITED, "-B", str(CASES / "server.py"), str(ROOT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def answer(*descriptions):
            process.stdin.write(json.dumps(descriptions) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield answer
        process.stdin.close()


@st.composite
def arrays(draw, most=6):
    """(library, dtype, shape, elements as a list of bytes)."""
    library = draw(st.sampled_from(["numpy", "torch"]))
    kinds = SIZES if library == "numpy" else {**SIZES, **ONLY_TORCH}
    kind = draw(st.sampled_from(sorted(kinds)))
    size = kinds[kind]
    interesting = [bytes(size), bytes(size - 1) + b"\x80", b"\1" + bytes(size - 1), b"\xff" * size]
    elements = draw(st.lists(st.sampled_from(interesting) | st.binary(min_size=size, max_size=size), max_size=most))
    return library, kind, [len(elements)], elements


def described(library, kind, shape, elements):
    """What the server reads."""
    return library, kind, shape, b"".join(elements).hex()


@given(arrays(), st.data())
@settings(max_examples=150)
def test_a_change_of_the_elements_counts_exactly_if_it_changes_a_bit(ask, array, data):
    """Permutations, sign flips in pairs, shifts of bits or amounts between neighbours, other payloads of a NaN."""
    library, kind, shape, elements = array
    changed = data.draw(st.sampled_from([permuted, flipped, shifted, exchanged, rewritten]))(elements, data)
    first, second = ask(described(*array), described(library, kind, shape, changed))

    assert (elements == changed) == (first == second)


def permuted(elements, data):
    """The elements in another order."""
    return data.draw(st.permutations(elements))


def flipped(elements, data):
    """The highest bits of two elements changed: their sum, and any sum of signs, stays."""
    if len(elements) < 2:
        return elements
    places = data.draw(st.lists(st.integers(0, len(elements) - 1), min_size=2, max_size=2, unique=True))
    return [one[:-1] + bytes([one[-1] ^ 0x80]) if place in places else one for place, one in enumerate(elements)]


def shifted(elements, data):
    """One more in one element and one less in its neighbour, as integers."""
    if len(elements) < 2:
        return elements
    place, size = data.draw(st.integers(0, len(elements) - 2)), len(elements[0])
    pair = [
        int.from_bytes(one, "little") + step for one, step in zip(elements[place : place + 2], (1, -1), strict=True)
    ]
    return [
        *elements[:place],
        *((one % (1 << 8 * size)).to_bytes(size, "little") for one in pair),
        *elements[place + 2 :],
    ]


def exchanged(elements, data):
    """The bytes of all elements moved by one place, across the borders of elements."""
    raw = b"".join(elements)
    moved, size = raw[1:] + raw[:1], len(elements[0]) if elements else 1
    del data
    return [moved[start : start + size] for start in range(0, len(moved), size)]


def rewritten(elements, data):
    """Other bytes somewhere: zero for minus zero, another payload."""
    if not elements:
        return elements
    place, size = data.draw(st.integers(0, len(elements) - 1)), len(elements[0])
    return [*elements[:place], data.draw(st.binary(min_size=size, max_size=size)), *elements[place + 1 :]]


@given(arrays(most=12), st.data())
@settings(max_examples=100)
def test_a_reshape_counts(ask, array, data):
    """The same bytes under another shape, also of empty arrays."""
    library, kind, _, elements = array
    count = len(elements)
    shapes = [[count], [1, count], [count, 1], [1, 1, count]]
    shapes += [[side, count // side] for side in range(2, count) if count % side == 0]
    shapes += [] if count else [[0, 2], [2, 0], [0, 0]]
    first, second = data.draw(st.sampled_from(shapes)), data.draw(st.sampled_from(shapes))
    digests = ask(described(library, kind, first, elements), described(library, kind, second, elements))

    assert math.prod(first) == math.prod(second) == count
    assert (first == second) == (digests[0] == digests[1])


@given(st.binary(min_size=8, max_size=8), st.sampled_from(["numpy", "torch"]))
@settings(max_examples=50)
def test_the_same_bytes_under_another_dtype_differ(ask, raw, library):
    """One dtype is never taken for another of the same size."""
    kinds = SIZES if library == "numpy" else {**SIZES, **ONLY_TORCH}
    digests = ask(*((library, kind, [8 // size], raw.hex()) for kind, size in kinds.items()))

    assert len(kinds) == len(set(digests))


@given(arrays())
@settings(max_examples=50)
def test_the_digest_is_its_definition(ask, array):
    """Header, length and bytes, hashed here; torch's small dtypes have one more axis unless they are empty."""
    _, kind, shape, elements = array
    axes = [*shape, ONLY_TORCH[kind]] if kind in ONLY_TORCH and elements else shape

    assert [framed(f"{kind}|{','.join(map(str, axes))}", b"".join(elements))] == ask(described(*array))
