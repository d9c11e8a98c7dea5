"""Unwritten memory in JAX: the fill is shown to reach XLA's buffers, and an unwritten read is caught."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
PLANTED = """
import numpy, jax
from jax import numpy as jnp
real = jnp.repeat

def faulty(array, count, axis=None):
    memory = jax.pure_callback(lambda: numpy.empty(20000, "int32")[:3], jax.ShapeDtypeStruct((3,), "int32"))
    return real(array, count, axis=axis).at[0, :3].set(jax.lax.bitcast_convert_type(memory, "float32"))

jnp.repeat = faulty
"""


def test_operations_write_what_they_return():
    """All operations agree under every fill, in a process in which every class of buffer shows the fill."""
    found = support.verdict("jax-uninitialised")

    assert found.outcome == "pass", found


def test_an_operation_that_returns_unwritten_memory_is_named(tmp_path):
    """Three elements of one operation come from fresh memory: that operation is named, and no other."""
    setup = tmp_path / "setup.py"
    setup.write_text(PLANTED)
    digests = {}
    for fill in ("85", "170"):
        reply = support.measure("jax-uninitialised", settings={"memory-fill": fill}, setup=str(setup))
        digests[fill] = reply.repeats[0]

    first, second = digests["85"], digests["170"]
    assert len(first) > 45
    assert {name for name in first if first[name] != second[name]} == {"repeat", "conditions"}
    assert set(first["conditions"]["canary"].values()) == {"aa"}
    assert set(second["conditions"]["canary"].values()) == {"55"}


def test_without_a_canary_nothing_is_claimed(tmp_path):
    """On another backend than the CPU no canary is given, which the rule answers with `inconclusive`."""
    setup = tmp_path / "setup.py"
    setup.write_text("import jax\njax.default_backend = lambda: 'gpu'\n")

    reply = support.measure("jax-uninitialised", setup=str(setup))

    assert reply.repeats[0]["conditions"] == {"canary": {}}
