"""`tensorflow-compiled-sizes`: fusions at the sizes at which compilers change their code."""

import pytest
import support

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


def test_this_release_is_right_at_every_size():
    """All 90 cells agree up to rounding, in a `tf.function` and compiled by XLA."""
    answer = support.verdict("tensorflow-compiled-sizes")

    assert answer.outcome == "pass", answer
    assert 180 == len(answer.evidence["classes"])


def test_one_wrong_element_of_a_large_fusion_is_caught(tmp_path):
    """Planted: XLA is off by 1 in the last of more than 100,000 values."""
    setup = tmp_path / "planted.py"
    setup.write_text(PLANTED)

    answer = support.verdict("tensorflow-compiled-sizes", setup=str(setup))

    assert answer.outcome == "fail"
    assert beyond(answer)
    assert all(int(name.split(" ")[1].split("x")[0]) > 100000 for name in beyond(answer))
