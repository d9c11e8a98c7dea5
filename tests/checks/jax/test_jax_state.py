"""JAX's state in the door: leaks are errors, thread settings take effect, and an impossible cure is refused."""

import pytest
import support

from auditor.interpreter.replies import Failed

pytestmark = pytest.mark.frameworks
LEAK = """
import jax
from _auditor_checks.jax import same_seed

def measure(settings):
    jax.config.update({name!r}, {value!r})
    return {{"done": 1}}

same_seed.measure = measure
"""
BUSY = """
import os, time, jax
from _auditor_checks.jax import same_seed

def measure(settings):
    product = jax.jit(lambda array: array @ array)
    array = jax.numpy.ones((1200, 1200))
    product(array).block_until_ready()
    before = time.process_time(), time.perf_counter()
    for _ in range(8):
        product(array).block_until_ready()
    return {"ratio": (time.process_time() - before[0]) / (time.perf_counter() - before[1])}

same_seed.measure = measure
"""


@pytest.mark.parametrize(
    ("name", "value"), [("jax_enable_x64", True), ("jax_default_matmul_precision", "highest"), ("jax_debug_nans", True)]
)
def test_a_switch_left_on_is_an_error(tmp_path, name, value):
    """A check that leaves one of JAX's switches changed is told so by name."""
    setup = tmp_path / "setup.py"
    setup.write_text(LEAK.format(name=name, value=value))

    reply = support.measure("jax-same-seed", setup=str(setup))

    assert isinstance(reply, Failed)
    assert f"jax setting {name}" in reply.message


def test_one_thread_is_one_thread(tmp_path):
    """Under the factor `threads` 1 (NPROC), a matrix product takes no more processor time than wall time."""
    setup = tmp_path / "setup.py"
    setup.write_text(BUSY)

    reply = support.measure("jax-same-seed", settings={"threads": "1"}, setup=str(setup))

    assert float.fromhex(reply.repeats[0]["ratio"]) < 1.15


def test_a_cure_that_jax_does_not_have_is_refused():
    """`framework-switch` is an error of its stage, not a silent cure that cures nothing."""
    reply = support.measure("jax-same-seed", settings={"framework-switch": "on"})

    assert isinstance(reply, Failed)
    assert (reply.stage, "no determinism switch" in reply.message) == ("settings", True)
