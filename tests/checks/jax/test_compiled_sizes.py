"""`jax-compiled-sizes`: fusions at the sizes at which compilers change their code."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CURED = """
import os
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_experimental_ynn_fusion_type="
"""


def beyond(answer):
    """The names of an answer that differ by more than rounding."""
    return {name for name, kind in answer.evidence["classes"].items() if kind == "beyond"}


def test_this_release_miscompiles_vmapped_products_only():
    """This release (0.10.2) is wrong in the vmapped fusion of three columns (jax#39103), and in no other."""
    answer = support.verdict("jax-compiled-sizes")

    assert answer.outcome == "fail"
    assert beyond(answer)
    assert all(name.startswith("vmap ") and "x3 " in name for name in beyond(answer))


def test_the_remedy_of_the_docstring_cures_it(tmp_path):
    """Without XLA's `ynn` fusions all 90 cells of the covering array agree up to rounding."""
    setup = tmp_path / "cured.py"
    setup.write_text(CURED)

    answer = support.verdict("jax-compiled-sizes", setup=str(setup))

    assert answer.outcome == "pass", answer
    assert 90 == len(answer.evidence["classes"])
