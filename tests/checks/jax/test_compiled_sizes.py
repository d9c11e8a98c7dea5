"""`jax-compiled-sizes`: fusions at the sizes at which compilers change their code."""

import pytest
import support
from sized import FIRST, written

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
CURED = """
import os
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_experimental_ynn_fusion_type="
"""


def beyond(answer):
    """The names of an answer that differ by more than rounding."""
    return {name for name, kind in answer.evidence["classes"].items() if kind == "beyond"}


@pytest.mark.parametrize(("setup", "measured"), [(FIRST, 9), pytest.param("", 90, marks=pytest.mark.exhaustive)])
def test_this_release_miscompiles_vmapped_products_only(tmp_path, setup, measured):
    """This release (0.10.2) is wrong in the vmapped fusion of three columns (jax#39103), and in no other."""
    answer = support.verdict("jax-compiled-sizes", setup=written(tmp_path, setup))

    assert ("fail", measured) == (answer.outcome, len(answer.evidence["classes"])), answer
    assert beyond(answer)
    assert all(name.startswith("vmap ") and "x3 " in name for name in beyond(answer))


@pytest.mark.parametrize(
    ("setup", "measured"), [(CURED + FIRST, 9), pytest.param(CURED, 90, marks=pytest.mark.exhaustive)]
)
def test_the_remedy_of_the_docstring_cures_it(tmp_path, setup, measured):
    """Without XLA's `ynn` fusions all cells of the covering array agree up to rounding."""
    answer = support.verdict("jax-compiled-sizes", setup=written(tmp_path, setup))

    assert ("pass", measured) == (answer.outcome, len(answer.evidence["classes"])), answer
