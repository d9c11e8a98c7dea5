"""Collectives over 8 host devices: one result on all of them; other bits are found."""

import pytest
import support
from jax_judging import judged

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
OTHER_BITS = """
import itertools, jax, numpy
from jax import lax
from jax import numpy as jnp
psum, mean, exchange, calls = lax.psum, lax.pmean, lax.ppermute, itertools.count()

def on_one_device(row, axis):
    return psum(row, axis) + (lax.axis_index(axis) == 1).astype(row.dtype)

def in_one_call(row, axis):
    late = lambda: numpy.float32(next(calls) == 20)
    return mean(row, axis) + jax.pure_callback(late, jax.ShapeDtypeStruct((), "float32"))

def to_the_wrong_device(row, axis, ring):
    return exchange(row, axis, [(to, sender) for sender, to in ring])

lax.psum, lax.pmean, lax.ppermute = on_one_device, in_one_call, to_the_wrong_device
"""


def test_collectives_agree_on_8_devices():
    """Ten collectives give one result on all devices, in all calls and in a fresh process."""
    found = support.verdict("jax-collectives")

    assert (found.outcome, len(found.evidence["held"])) == ("pass", 10), found


def test_a_device_with_other_bits_is_found(tmp_path):
    """A sum that one device has otherwise, a mean that one call has otherwise and a wrong exchange are named."""
    found = judged("jax-collectives", tmp_path, OTHER_BITS)

    sums = {"psum, int32", "psum, float32", "psum, bfloat16"}
    assert "fail" == found.outcome
    assert sums | {"pmean, float32", "ppermute, float32"} == set(found.evidence["broken"])
