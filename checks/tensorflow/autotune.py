"""
Autotuning chooses only among kernels that give the same bits.

Why: on a GPU, cuDNN's algorithms for a convolution and XLA's for a product are timed and the fastest is used. A busy
machine, another clock rate or a cold cache can change the choice (pytorch#6351, pytorch#45053). The check computes
convolutions with their gradients, and a compiled product, in two fresh processes and in one without autotuning. On a
CPU TensorFlow times nothing.

Remedy: call `tf.config.experimental.enable_op_determinism()`, which chooses without timing. Or export
`TF_CUDNN_USE_AUTOTUNE=0`. For XLA export `XLA_FLAGS=--xla_gpu_autotune_level=0`, or reuse saved results
(`--xla_gpu_load_autotune_results_from`).
"""

from __future__ import annotations

import os

from ..declare import Check, NotApplicable
from ..fingerprint import digest
from ..process import child
from . import _blocks, _stress

CHECK = Check(tier="full", rule="expected", isolates=True)
CALLS = 3
NO_GPU = "TensorFlow times kernels on GPUs only, and it sees none here"


def measure(settings):
    """For each tuned operation, how many different results all calls gave, which should be 1."""
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        raise NotApplicable(NO_GPU)
    flags = " ".join([os.environ.get("XLA_FLAGS", ""), "--xla_gpu_autotune_level=0"]).strip()
    without = {"TF_CUDNN_USE_AUTOTUNE": "0", "XLA_FLAGS": flags}
    # Children run in sequence and this process computes nothing: TensorFlow's first operation takes all GPU memory.
    runs = [child.run("tensorflow.autotune.tuned", {}, changed) for changed in (None, None, without)]
    return {
        name: {"expected": 1, "observed": len({result for run in runs for result in run[name]})} for name in runs[0]
    }


def tuned(_arguments):
    """Digests of some calls of each tuned operation."""
    import tensorflow as tf

    with tf.device("/GPU:0"):
        given, layers = _blocks.given(), _blocks.layers()
        product = tf.function(layers["linear"][1], jit_compile=True)
        calls = {
            "convolution": lambda: layers["convolution"][1](given["image"], given),
            "gradients of a convolution": lambda: _stress.gradients(
                tf, lambda x, f: tf.nn.conv2d(x, f, 1, "SAME"), given["image"], given["filter"]
            ),
            "product compiled by XLA": lambda: product(given["flat"], given),
        }
        return {name: [digest(call()) for _ in range(CALLS)] for name, call in calls.items()}
