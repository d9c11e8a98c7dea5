"""`tensorflow-autotune`: nothing is timed on a CPU; the measuring itself, as on a GPU, tells a kernel that changes."""

import pytest
import support

from auditor import catalogue, rules
from auditor.manifest import Reading

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]  # a process of TensorFlow takes 5 s to start

CHECK = "tensorflow-autotune"
ON_CPU = """
import random, tensorflow as tf
listed, device = tf.config.list_physical_devices, tf.device
tf.config.list_physical_devices = lambda kind=None: listed("CPU" if kind == "GPU" else kind)
tf.device = lambda name: device(name.replace("GPU", "CPU"))
"""
CHANGING = (
    ON_CPU
    + """
plain = tf.nn.conv2d
tf.nn.conv2d = lambda *given: plain(*given) * (1 + random.SystemRandom().random())
"""
)


def judged(setup, tmp_path):
    """The verdict over two calls in one process, beside which another and the factor's are taken to agree."""
    path = tmp_path / "setup.py"
    path.write_text(setup)
    reply = support.measure(CHECK, setup=str(path), repeats=2)
    places = [("a", 0, 0, {}), ("a", 1, 1, {}), ("b", 0, 0, {}), ("c", 0, 0, {"autotune": "inverse"})]
    readings = [
        Reading(check=CHECK, process=process, repeat=repeat, settings=settings, values=reply.repeats[number])
        for process, repeat, number, settings in places
    ]
    return rules.judge(catalogue.load().check(CHECK), readings, [{"framework-switch": "on"}])


def test_on_a_cpu_nothing_is_timed():
    """Without a GPU the check says why it does not apply."""
    reply = support.measure(CHECK)

    assert "not-applicable" == reply.tag
    assert "sees none here" in reply.reason


def test_a_kernel_that_changes_is_caught(tmp_path):
    """Planted, with the CPU in a GPU's place: convolutions that differ from call to call; the product does not."""
    verdict = judged(CHANGING, tmp_path)

    assert "fail" == verdict.outcome
    assert {"convolution", "gradients of a convolution"} == set(verdict.evidence["differing"])


def test_kernels_that_stay_pass(tmp_path):
    """Unplanted, the same measuring agrees with itself."""
    assert "pass" == judged(ON_CPU, tmp_path).outcome
