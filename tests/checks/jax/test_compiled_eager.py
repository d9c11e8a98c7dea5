"""Compiled against eager in JAX: rounding passes, a compiler that computes something else does not."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


CURED = """
import os
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_experimental_ynn_fusion_type="
"""
MISCOMPILED = {"vmap 16385x3 float64", "vmap 32769x3 float32"}
"""Fusions that jaxlib 0.10.2 computes wrongly (jax#39103)."""


def beyond(answer):
    """The names of an answer that differ by more than rounding."""
    return {name for name, kind in answer.evidence["classes"].items() if kind == "beyond"}


def test_this_release_miscompiles_a_fusion_by_its_size():
    """A vmapped product is wrong from 16,385 rows on (jax#39103); everything else is the same or rounded."""
    found = support.verdict("jax-compiled-eager")

    assert (found.outcome, found.evidence["class"]) == ("fail", "wrong"), found
    assert MISCOMPILED == beyond(found)


def test_the_remedy_of_the_docstring_cures_it(tmp_path):
    """Without XLA's `ynn` fusions everything agrees up to rounding."""
    setup = tmp_path / "cured.py"
    setup.write_text(CURED)

    found = support.verdict("jax-compiled-eager", setup=str(setup))

    assert found.outcome == "pass", found
    assert {"same", "rounding"} >= set(found.evidence["classes"].values())
    assert MISCOMPILED < found.evidence["classes"].keys()


@pytest.mark.exhaustive
def test_a_compiler_that_computes_something_else_is_caught(tmp_path):
    """A `jit` that scales one gradient by 1.001 is told from rounding, and the gradient is named."""
    setup = tmp_path / "setup.py"
    setup.write_text(
        CURED + "import jax\n"
        "real = jax.jit\n"
        "def wrong(result):\n"
        "    if not isinstance(result, dict) or 'gradient of conv' not in result:\n"
        "        return result\n"
        "    return dict(result, **{'gradient of conv': result['gradient of conv'] * 1.001})\n"
        "def jit(function, **options):\n"
        "    compiled = real(function, **options)\n"
        "    return lambda *inputs: wrong(compiled(*inputs))\n"
        "jax.jit = jit\n"
    )

    found = support.verdict("jax-compiled-eager", setup=str(setup))

    assert (found.outcome, found.evidence["class"]) == ("fail", "wrong")
    assert beyond(found) == {"gradient of conv"}
