"""TensorFlow's raw operators compiled and row by row: a compiler that computes something else is named."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

CHECK = "tensorflow-every-operator-compiled"
NAMES = [f"xla:{name} float32" for name in ("Tanh", "MatMul", "Softmax", "Abs")]
NAMES += ["xla:Exp bfloat16", "xla:Sigmoid bfloat16"]
PLANTED = """
import tensorflow
raw = tensorflow.raw_ops
plain = {name: getattr(raw, name) for name in ("Tanh", "Softmax", "Sigmoid")}

def wrong_when_compiled(x):
    return plain["Tanh"](x=x) + (0.0 if tensorflow.executing_eagerly() else 0.5)

def wrong_in_a_batch(logits):
    return plain["Softmax"](logits=logits) * float(logits.shape[0])

def three_roundings_off(x):
    off = 0.0 if tensorflow.executing_eagerly() or x.dtype != tensorflow.bfloat16 else 0.02
    return plain["Sigmoid"](x=x) + tensorflow.cast(off, x.dtype)

raw.Tanh, raw.Softmax, raw.Sigmoid = wrong_when_compiled, wrong_in_a_batch, three_roundings_off
"""


def test_healthy_operators_agree():
    """Operators in a function, under XLA and row by row, also in half precision, differ by rounding at most."""
    found = support.verdict(CHECK, names=NAMES)

    assert found.outcome == "pass", found
    assert {"function:MatMul float32", "xla:MatMul float32", "batch:MatMul float32"} <= set(found.evidence["classes"])


def test_what_is_computed_wrongly_is_named(tmp_path):
    """Planted: half more in a graph, a batch that scales its rows, and 0.02 more in half precision."""
    setup = tmp_path / "setup.py"
    setup.write_text(PLANTED)

    found = support.verdict(CHECK, setup=str(setup), names=NAMES)
    beyond = {name for name, kind in found.evidence["classes"].items() if kind == "beyond"}

    assert (found.outcome, found.evidence["class"]) == ("fail", "wrong")
    graph = {f"{way}:{name}" for way in ("function", "xla") for name in ("Tanh float32", "Sigmoid bfloat16")}
    assert beyond == {*graph, "batch:Softmax float32"}


@pytest.mark.exhaustive
def test_every_operator_of_this_release():
    """Of some 480 operators two are wrong under XLA in TensorFlow 2.21: `Igammac` is 1 where eager code gives NaN."""
    found = support.verdict(CHECK)
    beyond = {name for name, kind in found.evidence["classes"].items() if kind == "beyond"}

    assert beyond == {"xla:ConjugateTranspose float32", "xla:Igammac float32"}
    assert len(found.evidence["classes"]) > 700
