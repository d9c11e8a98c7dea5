"""Primitives under vmap: rows do not see each other, and a batch whose rows are mixed is caught."""

import jax_readings
import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
NAMES = ["abs float32", "cumsum float32", "cholesky float32", "and int32"]
MIXED = """
import jax
real = jax.vmap

def vmap(run, *more):
    def mixed(*rows):
        results = real(run, *more)(*rows)
        return jax.tree.map(lambda leaf: leaf + leaf.mean(0) if leaf.dtype.kind == "f" else leaf, results)
    return mixed

jax.vmap = vmap
"""


def test_rows_of_some_primitives_are_independent(tmp_path):
    """The four of the planted fault give a row the same bits beside any others."""
    assert (set(), 4) == jax_readings.broken("jax-every-operator-batch", tmp_path, names=NAMES)


@pytest.mark.exhaustive
def test_rows_are_independent(tmp_path):
    """All primitives but one, and a handful that cannot be stacked, give a row the same bits beside any others."""
    names, total = jax_readings.broken("jax-every-operator-batch", tmp_path)

    assert ({"regularized_incomplete_beta float32"}, True) == (names, total > 120)


def test_rows_that_see_each_other_are_caught(tmp_path):
    """A batched program that adds the mean of its rows is named for each floating case, and not for integers."""
    names, total = jax_readings.broken("jax-every-operator-batch", tmp_path, MIXED, names=NAMES)

    assert (names, total) == ({"abs float32", "cumsum float32", "cholesky float32"}, 4)
