"""
Autotuning chooses only among kernels that give the same bits.

Why: on a GPU, cuDNN's algorithms for a convolution and XLA's for a product are timed, and the fastest is taken; a
busy machine, a clock or a cold cache makes it another one next time (pytorch#6351, pytorch#45053). Convolutions with
their gradients and a compiled product are repeated, in a fresh process, and in one without cuDNN's search. On a CPU
TensorFlow times nothing.

Remedy: `tf.config.experimental.enable_op_determinism()`, which chooses without timing; or `TF_CUDNN_USE_AUTOTUNE=0`;
for XLA `XLA_FLAGS=--xla_gpu_autotune_level=0`, or persisted results (`--xla_gpu_load_autotune_results_from`).
"""

from __future__ import annotations

from ..declare import Check, NotApplicable
from ..fingerprint import digest
from . import _blocks, _stress

CHECK = Check(
    severity="medium",
    tier="full",
    rule="identical",
    across=("repeat", "process", "autotune"),
    cure="framework-switch",
)


def measure(settings):
    """Digests of convolutions, their gradients, and products, one by one and compiled."""
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        raise NotApplicable("TensorFlow times kernels on GPUs only, and it sees none here")
    with tf.device("/GPU:0"):
        given, layers = _blocks.given(), _blocks.layers()
        image, weights = given["image"], given["filter"]
        product = tf.function(layers["linear"][1], jit_compile=True)
        return {
            "convolution": digest(layers["convolution"][1](image, given)),
            "gradients of a convolution": digest(
                _stress.gradients(tf, lambda x, f: tf.nn.conv2d(x, f, 1, "SAME"), image, weights)
            ),
            "product compiled by XLA": digest(product(given["flat"], given)),
        }
