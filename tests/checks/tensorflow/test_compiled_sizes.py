"""`tensorflow-compiled-sizes`: fusions at the sizes at which compilers change their code."""

import pytest
import support
from sized import FIRST, written

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]
PLANTED = """
import tensorflow as tf
real = tf.function
def last_lost(value):
    if value.shape.rank == 1 and value.shape[0] > 100000:
        return tf.concat([value[:-1], value[-1:] + 1], 0)
    return value
def function(body, jit_compile=None, **options):
    if not jit_compile:
        return real(body, jit_compile=jit_compile, **options)
    return real(lambda *given: tf.nest.map_structure(last_lost, body(*given)), jit_compile=True, **options)
tf.function = function
"""


def beyond(answer):
    """The names of an answer that differ by more than rounding."""
    return {name for name, kind in answer.evidence["classes"].items() if kind == "beyond"}


@pytest.mark.parametrize(("setup", "measured"), [(FIRST, 9), pytest.param("", 90, marks=pytest.mark.exhaustive)])
def test_this_release_is_right_at_every_size(tmp_path, setup, measured):
    """All cells agree up to rounding, in a `tf.function` and compiled by XLA."""
    answer = support.verdict("tensorflow-compiled-sizes", setup=written(tmp_path, setup))

    assert ("pass", 2 * measured) == (answer.outcome, len(answer.evidence["classes"])), answer


@pytest.mark.parametrize("setup", [FIRST + PLANTED, pytest.param(PLANTED, marks=pytest.mark.exhaustive)])
def test_one_wrong_element_of_a_large_fusion_is_caught(tmp_path, setup):
    """Planted: XLA is off by 1 in the last of more than 100,000 values."""
    answer = support.verdict("tensorflow-compiled-sizes", setup=written(tmp_path, setup))

    assert answer.outcome == "fail"
    assert beyond(answer)
    assert all(int(name.split(" ")[1].split("x")[0]) > 100000 for name in beyond(answer))
