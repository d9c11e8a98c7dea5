"""`tensorflow-autotune`: nothing is timed on a CPU; the measuring itself, as on a GPU, tells a kernel that changes."""

import pytest
import support

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]  # a process of TensorFlow takes 5 s to start

CHECK = "tensorflow-autotune"
ON_CPU = """
import os, tensorflow as tf
listed, device = tf.config.list_physical_devices, tf.device
tf.config.list_physical_devices = lambda kind=None: listed("CPU" if kind == "GPU" else kind)
tf.device = lambda name: device(name.replace("GPU", "CPU"))
"""
ANOTHER_KERNEL = (
    ON_CPU
    + """
plain = tf.nn.conv2d
tf.nn.conv2d = lambda *given: plain(*given) * (1.001 if "TF_CUDNN_USE_AUTOTUNE" in os.environ else 1.0)
"""
)


def _verdict(tmp_path, text):
    setup = tmp_path / "setup.py"
    setup.write_text(text)
    return support.verdict(CHECK, setup=str(setup))


def test_without_a_gpu_nothing_is_timed(tmp_path):
    """The check says why it does not apply."""
    setup = tmp_path / "setup.py"
    setup.write_text("import tensorflow\ntensorflow.config.list_physical_devices = lambda kind=None: []\n")

    reply = support.measure(CHECK, setup=str(setup))

    assert "not-applicable" == reply.tag
    assert "sees none here" in reply.reason


def test_another_kernel_without_the_search_is_caught(tmp_path):
    """Planted, with the CPU in a GPU's place: convolutions that differ without the search; the product does not."""
    verdict = _verdict(tmp_path, ANOTHER_KERNEL)

    assert ("fail", {"convolution", "gradients of a convolution"}) == (verdict.outcome, set(verdict.evidence["broken"]))


def test_kernels_that_agree_pass(tmp_path):
    """Unplanted, three processes agree."""
    assert "pass" == _verdict(tmp_path, ON_CPU).outcome
