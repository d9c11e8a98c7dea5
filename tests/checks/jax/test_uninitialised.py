"""Unwritten memory in JAX: the fill is shown to reach XLA's buffers, and an unwritten read is caught."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
FEW = """
from _auditor_checks.jax import _operations
_operations._windows = _operations._reductions = _operations._indexing = _operations._algebra = dict
"""
PLANTED = (
    FEW
    + """
import numpy, jax
from jax import numpy as jnp
real = jnp.repeat

def faulty(array, count, axis=None):
    memory = jax.pure_callback(lambda: numpy.empty(20000, "int32")[:3], jax.ShapeDtypeStruct((3,), "int32"))
    return real(array, count, axis=axis).at[0, :3].set(jax.lax.bitcast_convert_type(memory, "float32"))

jnp.repeat = faulty
"""
)


def test_operations_write_what_they_return():
    """All operations agree under every fill, in a process in which every class of buffer shows the fill."""
    found = support.verdict("jax-uninitialised")

    assert found.outcome == "pass", found
    assert found.message.startswith("50 values agree")


def test_an_operation_that_returns_unwritten_memory_is_named(tmp_path):
    """Three elements of one operation come from fresh memory: that operation is named, and no other."""
    setup = tmp_path / "setup.py"
    setup.write_text(PLANTED)

    found = support.verdict("jax-uninitialised", setup=str(setup))

    assert found.outcome == "fail"
    assert "repeat" in found.message
    assert not [name for name in ("pad", "concatenate", "scan") if name in found.message]


@pytest.mark.parametrize(("fill", "byte"), [("85", "aa"), ("170", "55"), ("255", "00")])
def test_every_class_of_buffer_shows_the_fill(tmp_path, fill, byte):
    """Small to large buffers, fresh and recycled, and XLA's temporaries hold the fill before they are written."""
    setup = tmp_path / "setup.py"
    setup.write_text(FEW)

    reply = support.measure("jax-uninitialised", settings={"memory-fill": fill}, setup=str(setup))

    canary = reply.repeats[0]["conditions"]["canary"]
    assert (7, {byte}) == (len(canary), set(canary.values()))


def test_without_a_canary_nothing_is_claimed(tmp_path):
    """On another backend than the CPU no canary is given, which the rule answers with `inconclusive`."""
    setup = tmp_path / "setup.py"
    setup.write_text(FEW + "import jax\njax.default_backend = lambda: 'gpu'\n")

    reply = support.measure("jax-uninitialised", setup=str(setup))

    assert reply.repeats[0]["conditions"] == {"canary": {}}
