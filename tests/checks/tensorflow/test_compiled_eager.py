"""`tensorflow-compiled-eager` against real TensorFlow: what it finds in this release, cured, and a fault planted."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]  # a process of TensorFlow takes 5 s to start

CHECK = "tensorflow-compiled-eager"
CURED = """
import os
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_disable_hlo_passes=algsimp"
import tensorflow
rank = tensorflow.math.in_top_k
def without_nan(targets, predictions, k):
    first = tensorflow.where(tensorflow.math.is_nan(predictions), predictions.dtype.max, predictions)
    return rank(targets, first, k)
tensorflow.math.in_top_k = without_nan
"""
SCALED = """
import tensorflow
plain = tensorflow.function
def function(body, **options):
    return plain(lambda *given: tensorflow.nest.map_structure(lambda value: value * 1.001, body(*given)), **options)
tensorflow.function = function
"""


def beyond(answer):
    """The names of an answer that differ by more than rounding."""
    return {name for name, kind in answer.evidence["classes"].items() if kind == "beyond"}


def test_this_release_compiles_an_integer_product_wrongly():
    """
    XLA drops the absolute value of a product that wrapped (tensorflow#117142), and ranks a NaN last (#118376).

    Network and loops only round.
    """
    answer = support.verdict(CHECK)

    assert answer.outcome == "fail"
    assert beyond(answer) == {"xla:absolute int32", "xla:rank beside a NaN"}


def test_the_remedy_of_the_docstring_cures_it(tmp_path):
    """Without XLA's algebraic simplifier, and without a NaN in the ranking, everything agrees up to rounding."""
    setup = tmp_path / "cured.py"
    setup.write_text(CURED)

    answer = support.verdict(CHECK, setup=str(setup))

    assert answer.outcome == "pass", answer
    assert "rounding" in answer.evidence["classes"].values()


def test_a_compiler_that_is_a_thousandth_off_is_caught(tmp_path):
    """Planted: `tf.function` scales its results by 1.001; every value, either way of compiling, is beyond rounding."""
    setup = tmp_path / "planted.py"
    setup.write_text(SCALED)

    answer = support.verdict(CHECK, setup=str(setup))

    assert answer.outcome == "fail"
    rounded = {f"{way}:reduction 1048577x3 float32" for way in ("function", "xla")}  # so many terms may round by more
    assert beyond(answer) == set(answer.evidence["classes"]) - rounded
