"""Programs cut over 8 host devices: those of one device up to rounding, and a wrong one is named."""

import pytest
import support
from jax_judging import beyond, judged

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
WRONG_WHEN_CUT = """
import itertools, jax
real, calls = jax.jit, itertools.count()

def wrong(result):
    found = dict(result)
    if " variance" in found:
        found[" sum"] = found[" sum"] * (1 + (next(calls) == 3))
    if ": gradient of conv" in found:
        found[": gradient of conv"] = found[": gradient of conv"] * 1.001
    return found

def jit(run, **options):
    compiled = real(run, **options)
    return (lambda *inputs: wrong(compiled(*inputs))) if "in_shardings" in options else compiled

jax.jit = jit
"""


SCANS_APART = """
import jax
from jax import numpy as jnp
jax.lax.cummax = lambda matrix, axis: jax.lax.associative_scan(jnp.maximum, matrix, axis=axis)
"""


def test_this_release_shares_the_padding_of_two_scans():
    """In jaxlib 0.10.2 XLA pads the rows of a cumulative sum with the -inf of the cumulative maximum beside it."""
    found = support.verdict("jax-sharded")

    assert found.outcome == "fail"
    assert {"scans together sum"} == beyond(found)


def test_sharded_programs_equal_those_of_one_device(tmp_path):
    """With the remedy: everything over 8 devices is the same or rounded, and repeats with equal bits."""
    setup = tmp_path / "apart.py"
    setup.write_text(SCANS_APART)

    found = support.verdict("jax-sharded", setup=str(setup))

    assert found.outcome == "pass", found
    kinds = found.evidence["classes"]
    assert {"same"} == {kind for name, kind in kinds.items() if name.endswith(" again")}
    assert {"same", "rounding"} == set(kinds.values())


def test_a_sharded_program_that_computes_something_else_is_caught(tmp_path):
    """A gradient that is wrong when cut, and a sum that one call has otherwise, are named, and nothing else."""
    found = judged("jax-sharded", tmp_path, WRONG_WHEN_CUT)

    assert "fail" == found.outcome
    assert {"training step: gradient of conv", "reduction again"} == beyond(found) - {"scans together sum"}
