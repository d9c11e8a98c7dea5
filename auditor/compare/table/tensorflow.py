"""Facts of TensorFlow."""

from __future__ import annotations

from . import sources
from .rule import Rule

TENSORFLOW = (
    Rule(
        ("tensorflow.version", "tensorflow.git_version"),
        "changes",
        "Numerical details are outside the promise of compatibility: they may change with any release.",
        sources.TENSORFLOW_VERSIONS,
        "framework",
    ),
    Rule(
        ("tensorflow.build.cuda", "tensorflow.build.cudnn", "tensorflow.build.is_*"),
        "changes",
        "Its kernels are those of the libraries it was built with.",
        sources.TENSORFLOW_VERSIONS,
        "library",
    ),
    Rule(
        (
            "tensorflow.build",
            "tensorflow.build/*",
            "tensorflow.build.*",
            "tensorflow.compiler",
            "tensorflow.graph_version",
        ),
        "may",
        "The same source built otherwise can round otherwise.",
        sources.TENSORFLOW_VERSIONS,
    ),
    Rule(
        ("tensorflow.keras.version",),
        "changes",
        "Layers, initialisers and optimisers are Keras' code: another release may compute them otherwise.",
        sources.KERAS_VERSIONS,
        "library",
    ),
    Rule(
        ("tensorflow.keras.backend", "tensorflow.keras.float", "tensorflow.keras.policy"),
        "changes",
        "It decides who computes the layers, and in which precision.",
        "https://keras.io/api/mixed_precision/",
    ),
    Rule(
        ("tensorflow.onednn",),
        "changes",
        "oneDNN kernels sum in another order than Eigen's: TensorFlow says so itself at start.",
        sources.TENSORFLOW_ONEDNN,
    ),
    Rule(
        ("tensorflow.deterministic",),
        "changes",
        "Op determinism chooses other algorithms.",
        sources.TENSORFLOW_DETERMINISM,
    ),
    Rule(
        ("tensorflow.seed",),
        "changes",
        "Everything that is drawn at random begins from it.",
        "https://www.tensorflow.org/api_docs/python/tf/random/set_seed",
    ),
    Rule(
        ("tensorflow.tf32",),
        "changes",
        "With TF32 the factors of matrix products and convolutions keep 10 bits of mantissa.",
        "https://www.tensorflow.org/api_docs/python/tf/config/experimental/enable_tensor_float_32_execution",
    ),
    Rule(
        ("tensorflow.jit", "tensorflow.optimizer*", "tensorflow.functions_run_eagerly", "tensorflow.eager"),
        "changes",
        "It decides which operations are compiled or fused together, and fused ones round less often.",
        "https://www.tensorflow.org/xla",
    ),
    Rule(
        ("tensorflow.devices",),
        "changes",
        "Determinism is promised for the same hardware only.",
        sources.TENSORFLOW_DETERMINISM,
        "processor",
    ),
    Rule(
        ("tensorflow.threads.*",),
        "may",
        "Eigen and oneDNN split work over the threads; where they split a sum, its order changes.",
        sources.TENSORFLOW_DETERMINISM,
    ),
    Rule(
        ("tensorflow.soft_placement", "tensorflow.synchronous"),
        "may",
        "It decides on which device, or when, an operation runs.",
        "https://www.tensorflow.org/guide/gpu",
    ),
)
