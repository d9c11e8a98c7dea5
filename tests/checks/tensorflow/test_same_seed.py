"""`tensorflow-same-seed` against real TensorFlow, with a draw planted that no seed reaches."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]  # a process of TensorFlow takes 5 s to start

CHECK = "tensorflow-same-seed"
UNSEEDED_DROPOUT = """
import os, tensorflow
def dropout(value, rate, **_):
    noise = tensorflow.io.decode_raw(os.urandom(int(tensorflow.size(value))), tensorflow.uint8)
    kept = tensorflow.reshape(noise, value.shape) >= int(255 * rate)
    return value * tensorflow.cast(kept, value.dtype) / (1 - rate)
tensorflow.nn.dropout = dropout
tensorflow.random.set_seed(5)
tensorflow.random.set_global_generator(tensorflow.random.Generator.from_seed(3))
"""


def test_training_repeats_and_leaves_nothing_behind():
    """A seeded run gives the same bits again and in other processes; the door's guard sees no change of state."""
    answer = support.verdict(CHECK)

    assert answer.outcome == "pass", answer
    assert answer.evidence["readings"] == 4


def test_a_dropout_that_no_seed_reaches_is_caught(tmp_path):
    """Planted: dropout draws from the operating system. The draws afterwards, from TensorFlow's seed, stay equal."""
    planted = tmp_path / "planted.py"
    planted.write_text(UNSEEDED_DROPOUT)

    answer = support.verdict(CHECK, setup=str(planted))

    assert answer.outcome == "fail"
    assert {"losses", "parameters of attention", "parameters of dense"} <= set(answer.evidence["differing"])
    assert "draws" not in answer.evidence["differing"]
    assert answer.evidence["under"] == {"framework-switch": "differs", "one-thread": "differs"}
