"""Cases of JAX's test harnesses: selection, names, inputs, and digests of inputs and results."""

from __future__ import annotations

import functools
import zlib

from . import _state
from ._harness_import import harnesses

MOST_CASES = 8
"""Cases per primitive by default: 837 of 5594 in all, a minute to compile and 11 s from the cache (2 cores)."""
CALLS = 10
"""Calls of a case at a time: a fault in one call of twenty shows in two processes of two times as many."""
DTYPES = "float32 float64 bfloat16 complex64 int32 float16 bool uint8 int8 complex128 int64 uint32 uint64 int16 uint16"
"""The order in which a primitive's cases are taken, one of each dtype and then the next."""
WIDE = ("float64", "complex128", "int64", "uint64")
"""Dtypes that JAX has only when `jax_enable_x64` is on."""


def dtype_of(harness):
    """The dtype's plain name; `none` if a harness has no dtype."""
    import numpy

    return numpy.dtype(harness.dtype).name if harness.dtype is not None else "none"


def name_of(harness):
    """The name of a harness's entry in the table: primitive and dtype."""
    return "%s %s" % (harness.group_name, dtype_of(harness))


@functools.lru_cache(maxsize=None)
def cases(everything=False):
    """Entry name to the harnesses that JAX implements here, at most MOST_CASES for each primitive."""
    import jax

    primitives = {}
    for harness in harnesses():
        if harness.filter(jax.default_backend()):
            primitives.setdefault(harness.group_name, {}).setdefault(dtype_of(harness), []).append(harness)
    table = {}
    for kinds in primitives.values():
        for harness in _spread(kinds)[: None if everything else MOST_CASES]:
            table.setdefault(name_of(harness), []).append(harness)
    return table


def _spread(kinds):
    """The cases of one primitive, given by dtype: one of each dtype, then the second of each, and so on."""
    order = DTYPES.split()
    ranked = sorted(kinds, key=lambda name: (order.index(name) if name in order else len(order), name))
    ranks = [(place, rank, harness) for rank, name in enumerate(ranked) for place, harness in enumerate(kinds[name])]
    return [harness for _, _, harness in sorted(ranks, key=lambda found: found[:2])]


def arguments(harness):
    """
    The dynamic arguments of a case, from a separate NumPy generator.

    Some are matrix products, whose bits change with NumPy's number of threads; here one thread sums them.
    """
    import numpy

    generator, real = numpy.random.RandomState(zlib.crc32(harness.fullname.encode())), numpy.matmul
    numpy.matmul = _product
    try:
        return harness.dyn_args_maker(generator)
    finally:
        numpy.matmul = real


def _product(left, right):
    """The matrix product in 64 bits by a plain loop, rounded to the dtype that NumPy's would have."""
    import numpy

    kind = "complex128" if numpy.iscomplexobj(left) else "float64"
    factors = (numpy.asarray(side).astype(kind) for side in (left, right))
    unit = numpy.ones((1, 1), left.dtype)
    return numpy.einsum("...ij,...jk->...ik", *factors).astype((unit @ unit).dtype)


@functools.lru_cache(maxsize=None)
def compiled(harness):
    """The case's function, compiled once in this process."""
    import jax

    return jax.jit(harness.dyn_fun)


def widths(table):
    """Switch 64-bit types off, then on; yields the names and cases that need each setting."""
    for wide in (False, True):
        with _state.switched("jax_enable_x64", wide):
            for name, members in table.items():
                if (name.rpartition(" ")[2] in WIDE) == wide:
                    yield name, members


def outcome(run, given):
    """The digest of `run(*given)`, or "!" and the class of what it raised."""
    try:
        return short(run(*given))
    except Exception as problem:  # a refusal is the value of this case
        return "!%s" % type(problem).__name__


def outcomes(run, given):
    """`outcome` of CALLS calls; if they differ, a digest of all in order, so that hardly two series are equal."""
    calls = [outcome(run, given) for _ in range(CALLS)]
    return calls[0] if len(set(calls)) == 1 else "%08x" % zlib.crc32("/".join(calls).encode())


def short(tree):
    """CRC-32 (8 hex digits) over dtype, shape and raw bits of all arrays in a tree; a key counts as its data."""
    import jax
    import numpy

    state = 0
    for leaf in jax.tree.leaves(tree):
        is_key = isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        array = numpy.asarray(jax.random.key_data(leaf) if is_key else leaf)
        state = zlib.crc32(("%s|%s:" % (array.dtype.name, array.shape)).encode(), state)
        state = zlib.crc32(array.tobytes(), state)
    return "%08x" % state


def shape_text(harness, given):
    """A description of a case: its name in JAX's harnesses and the shapes of its arguments."""
    import numpy

    shapes = " ".join(str(numpy.shape(value)).replace(" ", "") for value in given)
    return "%s of %s" % (harness.fullname, shapes)
