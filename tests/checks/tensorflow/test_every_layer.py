"""Keras layers forward and backward: a layer that changes from call to call, or leaves memory unwritten, is named."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

CHECK = "tensorflow-every-layer"
NAMES = [f"{name} float32" for name in ("Dense", "LayerNormalization", "Dropout", "ReLU")]
PLANTED = """
import os
import tensorflow
layers = tensorflow.keras.layers
dense, relu = layers.Dense.call, layers.ReLU.call

def noisy(self, inputs, **given):
    return dense(self, inputs, **given) + float(int.from_bytes(os.urandom(2), 'big'))

def unwritten(self, inputs):
    return tensorflow.raw_ops.Empty(shape=inputs.shape, dtype=inputs.dtype, init=False)

layers.Dense.call, layers.ReLU.call = noisy, unwritten
"""


def test_healthy_layers_pass():
    """Four layers, one that draws among them, agree in every arm, and the canaries saw every fill."""
    found = support.verdict(CHECK, names=NAMES)

    assert found.outcome == "pass", found
    assert found.message.startswith("4 values agree")


def test_what_moves_is_named(tmp_path):
    """Planted: noise in one layer, an output that nobody wrote in another."""
    setup = tmp_path / "setup.py"
    setup.write_text(PLANTED)

    found = support.verdict(CHECK, setup=str(setup), names=NAMES)
    told = {*found.evidence["differing"], *found.evidence["factors"].get("memory-fill", [])}

    assert (found.outcome, found.known) == ("fail", "undocumented")
    assert told == {"Dense float32", "ReLU float32"}


RACE = {f"{kind}Conv{sides}D float32" for kind in ("Depthwise", "Separable") for sides in (1, 2)}
"""Their filter's gradient adds in the order of threads: on a busy machine its last bits move."""


@pytest.mark.exhaustive
def test_every_layer_of_this_release():
    """More than a hundred layers of Keras 3.15 on TensorFlow 2.21 agree under two fills; every one can be built."""
    first, second = (support.measure(CHECK, settings={"memory-fill": fill}).repeats[0] for fill in ("85", "170"))

    assert {name for name, text in first["operators"].items() if text != second["operators"][name]} <= RACE
    assert first["inputs"] == second["inputs"]
    assert len(first["operators"]) > 100
    assert [name for name, text in first["operators"].items() if text.startswith("!")] == []


@pytest.mark.exhaustive
def test_the_full_tier_measures_a_third_and_says_so():
    """`torch-every-operator`, which has the same rule, shows it in CI."""
    values = support.measure(CHECK, settings={"part": "full"}, repeats=1).repeats[0]
    told = values["conditions"]

    assert told["of"] / 5 < told["cells"] < told["of"] / 2
    assert told["cells"] == len(values["operators"])
