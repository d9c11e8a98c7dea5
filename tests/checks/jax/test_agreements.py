"""Batches, transformations, precision and attention in JAX: rounding passes, what computes something else is named."""

import jax_readings
import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
BATCH_NORM = """
import jax
jax.nn.standardize = lambda x: (x - x.mean(0)) / (x.std(0) + 0.1)
"""
ONE_ROW = """
import jax
real = jax.nn.softmax
jax.nn.softmax = lambda x: real(x) * (1.01 if x.shape[0] == 1 and x.dtype == "float32" else 1)
"""
SCALED_MAP = """
import jax
real = jax.lax.map
jax.lax.map = lambda run, rows: real(run, rows) * 1.001
"""
LOW_PRECISION = """
import jax
from _auditor_checks.jax import precision
real = precision._compiled

def low(layer, *arrays):
    narrow = lambda leaf: leaf.astype("bfloat16") if leaf.dtype == "float32" else leaf
    return real(lambda *given: layer(*jax.tree.map(narrow, given)), *arrays).astype(arrays[0].dtype)

precision._compiled = low
"""
LOW_IF_LONG = LOW_PRECISION.replace(
    'if leaf.dtype == "float32"', 'if leaf.dtype == "float32" and max(leaf.shape) > 2000'
)
TIE = """
import jax
from jax._src.lax import other
real = other._logaddexp_jvp

def patched(primals, tangents):
    out, tangent = real(primals, tangents)
    return out, jax.numpy.where(primals[0] == primals[1], 0.0, tangent)

other.logaddexp.defjvp(patched)
"""
NOT_CAUSAL = """
import jax
real = jax.nn.dot_product_attention
jax.nn.dot_product_attention = lambda *arrays, is_causal=False, **options: real(*arrays, **options)
"""


@pytest.mark.parametrize(
    ("check", "count"),
    [("jax-batch-invariant", 48), ("jax-transforms", 45), ("jax-precision", 5), ("jax-attention-backend", 56)],
)
def test_what_is_computed_otherwise_is_rounded_only(tmp_path, check, count):
    """Every tensor of the four checks agrees with its plain form up to rounding."""
    assert (set(), count) == jax_readings.beyond(check, tmp_path)


def test_a_layer_that_mixes_rows_is_caught(tmp_path):
    """A norm over the batch is named in every size of batch."""
    names, _ = jax_readings.beyond("jax-batch-invariant", tmp_path, BATCH_NORM)

    sizes = ("1 of 2", "1 of 5", "1 of 64", "last of 2048")
    assert names == {f"layer norm, {size}" for size in sizes}


def test_a_row_that_is_wrong_alone_is_caught(tmp_path):
    """A softmax that is a hundredth off for a single row: every batch is right, and the row alone is named."""
    names, _ = jax_readings.beyond("jax-batch-invariant", tmp_path, ONE_ROW)

    assert names == {f"softmax, {size}" for size in ("1 of 2", "1 of 5", "1 of 64", "last of 2048")}


def test_a_derivative_that_is_wrong_where_branches_meet_is_caught(tmp_path):
    """Zero where two arguments are equal: the derivatives of `softplus` and of `logaddexp` say so (jax#2107)."""
    names, _ = jax_readings.beyond("jax-transforms", tmp_path, TIE)

    assert names == {
        "first derivative of logaddexp",
        "first derivative of logaddexp, equal",
        "first derivative of softplus",
        "second derivative of softplus",
    }


def test_a_long_product_of_low_precision_is_caught(tmp_path):
    """Short products are right, as some devices have it."""
    names, _ = jax_readings.beyond("jax-precision", tmp_path, LOW_IF_LONG)

    assert names == {"long matmul float32"}


def test_a_transformation_that_computes_something_else_is_caught(tmp_path):
    """A `lax.map` that scales by 1.001 is named, alone."""
    names, _ = jax_readings.beyond("jax-transforms", tmp_path, SCALED_MAP)

    assert names == {"map"}


def test_low_precision_is_caught(tmp_path):
    """Products of float32 computed in bfloat16 are named; those of bfloat16 are not."""
    names, _ = jax_readings.beyond("jax-precision", tmp_path, LOW_PRECISION)

    assert names == {"matmul float32", "long matmul float32", "convolution float32", "attention float32"}


def test_a_mask_that_is_ignored_is_caught(tmp_path):
    """Attention that ignores `is_causal` is named in output and gradients, for each implementation."""
    names, _ = jax_readings.beyond("jax-attention-backend", tmp_path, NOT_CAUSAL)

    assert len(names) == 8
    assert all(", causal: " in name for name in names)
