"""`torch-compiled-sizes`: fusions at the sizes at which compilers change their code."""

import pytest
import support
from sized import FIRST, written

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
PLANTED = """
import torch
def compile(function, **options):
    def changed(*inputs):
        result = function(*inputs)
        for value in (value for found in result for value in found.values()):
            if value.dim() == 1 and len(value) > 100000:
                value[-1] += 1
        return result
    return changed
torch.compile = compile
"""


def beyond(answer):
    """The names of an answer that differ by more than rounding."""
    return {name for name, kind in answer.evidence["classes"].items() if kind == "beyond"}


@pytest.mark.parametrize(("setup", "measured"), [(FIRST, 9), pytest.param("", 24, marks=pytest.mark.exhaustive)])
def test_this_release_is_right_at_every_size(tmp_path, setup, measured):
    """The first cells agree up to rounding."""
    answer = support.verdict("torch-compiled-sizes", setup=written(tmp_path, setup))

    assert ("pass", measured) == (answer.outcome, len(answer.evidence["classes"])), answer


@pytest.mark.parametrize("setup", [FIRST + PLANTED, pytest.param(PLANTED, marks=pytest.mark.exhaustive)])
def test_one_wrong_element_of_a_large_fusion_is_caught(tmp_path, setup):
    """Planted: the compiled form is off by 1 in the last of more than 100,000 values."""
    answer = support.verdict("torch-compiled-sizes", setup=written(tmp_path, setup))

    assert answer.outcome == "fail"
    assert beyond(answer)
    assert all(int(name.split(" ")[1].split("x")[0]) > 100000 for name in beyond(answer))
