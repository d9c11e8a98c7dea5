"""Known answers under JAX's switches and XLA's flags: right today, and a switch that loses an element is named."""

import jax_readings
import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
LOSING = """
import jax, os
real = jax.ops.segment_sum

def losing(*given):
    lost = jax.config.jax_enable_x64 or "deterministic" in os.environ.get("XLA_FLAGS", "")
    return real(*given).at[0].set(0) if lost else real(*given)

jax.ops.segment_sum = losing
"""


def test_known_answers_hold():
    """Every problem has its exact answer, plain and under each switch."""
    import support

    found = support.verdict("jax-flag-known-answer")

    assert (found.outcome, len(found.evidence["held"]) > 200) == ("pass", True), found


def test_a_switch_that_loses_an_element_is_named(tmp_path):
    """A sum that loses its first element under two switches is named under these, fresh processes included."""
    names, _ = jax_readings.broken("jax-flag-known-answer", tmp_path, LOSING)

    assert names == {
        "segment_sum under jax_enable_x64=True",
        "segment_sum under --xla_gpu_deterministic_ops=true",
    }
