"""Compiled against eager in JAX: rounding passes, a compiler that computes something else does not."""

import pytest
import support

pytestmark = pytest.mark.frameworks


def test_compiled_and_eager_agree_up_to_rounding():
    """Loss, gradients and programs that were miscompiled before are the same or rounded."""
    found = support.verdict("jax-compiled-eager")

    assert found.outcome == "pass", found
    assert set(found.evidence["classes"].values()) <= {"same", "rounding"}


@pytest.mark.slow
def test_a_compiler_that_computes_something_else_is_caught(tmp_path):
    """A `jit` that scales one gradient by 1.001 is told from rounding, and the gradient is named."""
    setup = tmp_path / "setup.py"
    setup.write_text(
        "import jax\n"
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
    assert {name for name, kind in found.evidence["classes"].items() if kind == "beyond"} == {"gradient of conv"}
