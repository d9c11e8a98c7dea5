"""Nested compilation, vmap, loops and devices: op by op up to rounding, and a wrong one is named."""

import pytest
import support
from jax_judging import beyond, judged

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
WRONG_SCAN = """
import jax
from jax import lax
real = lax.scan

def scan(step, carry, rows, **options):
    carry, results = real(step, carry, rows, **options)
    return carry, results if jax.config.jax_disable_jit else results * 1.001

lax.scan = scan
"""


def test_compiled_transformations_agree_with_op_by_op():
    """Nested compilation, vmap, loops and 8 devices are the same or rounded."""
    found = support.verdict("jax-compiled-transforms")

    assert found.outcome == "pass", found
    assert set(found.evidence["classes"].values()) <= {"same", "rounding"}


def test_a_compiled_loop_that_computes_something_else_is_caught(tmp_path):
    """A scan that is wrong only when it is compiled is named, with its gradient, and nothing else."""
    found = judged("jax-compiled-transforms", tmp_path, WRONG_SCAN)

    assert {"jit of scan", "jit of vmap of scan", "jit of grad of scan", "jit of vmap of grad of scan"} == beyond(found)
    assert ("fail", 18) == (found.outcome, len(found.evidence["classes"]))
