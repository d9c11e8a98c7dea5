"""Facts of TensorFlow."""

from __future__ import annotations

from . import sources
from .rule import EffectRule

TENSORFLOW = (
    EffectRule(
        ("tensorflow.version", "tensorflow.git_version"),
        "changes",
        "TensorFlow's compatibility promise excludes numerical details: they may change with any release.",
        sources.TENSORFLOW_VERSIONS,
        "framework",
    ),
    EffectRule(
        ("tensorflow.build.cuda", "tensorflow.build.cudnn", "tensorflow.build.is_*", "tensorflow.build/*is_*"),
        "changes",
        "Its kernels are those of the libraries that it was built with; determinism needs one version of CUDA.",
        sources.TENSORFLOW_DETERMINISM,
        "library",
    ),
    EffectRule(
        (
            "tensorflow.build",
            "tensorflow.build/*",
            "tensorflow.build.*",
            "tensorflow.compiler",
            "tensorflow.graph_version",
        ),
        "may",
        "The same source built differently can round differently, for example by fused multiply-add.",
        sources.CONTRACTION,
    ),
    EffectRule(
        ("tensorflow.keras.version",),
        "changes",
        "Layers, initialisers and optimisers are Keras' code: one model gave different outputs under another release.",
        sources.KERAS_VERSIONS,
        "library",
    ),
    EffectRule(
        ("tensorflow.keras.float", "tensorflow.keras.policy"),
        "changes",
        "It decides in which precision layers compute and keep their variables.",
        "https://www.tensorflow.org/api_docs/python/tf/keras/DTypePolicy",
    ),
    EffectRule(
        ("tensorflow.keras.backend",),
        "changes",
        "Another framework computes the layers, with its own kernels.",
        sources.REASONING,
    ),
    EffectRule(
        ("tensorflow.onednn",),
        "changes",
        "oneDNN kernels compute in another order: TensorFlow says so itself at start, and its own tests need wider "
        "tolerances with them.",
        sources.TENSORFLOW_ONEDNN,
    ),
    EffectRule(
        ("tensorflow.deterministic",),
        "changes",
        "Op determinism chooses other algorithms.",
        sources.TENSORFLOW_DETERMINISM,
    ),
    EffectRule(
        ("tensorflow.seed",),
        "changes",
        "Every random draw depends on it.",
        "https://www.tensorflow.org/api_docs/python/tf/random/set_seed",
    ),
    EffectRule(
        ("tensorflow.tf32",),
        "changes",
        "With TF32, the factors of most matrix products and convolutions keep 10 mantissa bits on newer GPUs.",
        "https://www.tensorflow.org/api_docs/python/tf/config/experimental/enable_tensor_float_32_execution",
    ),
    EffectRule(
        ("tensorflow.jit",),
        "changes",
        "It decides which graphs XLA compiles, with kernels of its own.",
        "https://www.tensorflow.org/api_docs/python/tf/config/optimizer/set_jit",
    ),
    EffectRule(
        ("tensorflow.optimizer*", "tensorflow.functions_run_eagerly", "tensorflow.eager"),
        "changes",
        "It decides whether graphs are rewritten and operations fused before they run.",
        sources.REASONING,
    ),
    EffectRule(
        ("tensorflow.devices",),
        "changes",
        "Determinism is promised for the same hardware configuration only.",
        sources.TENSORFLOW_DETERMINISM,
        "processor",
    ),
    EffectRule(
        ("tensorflow.threads.intra",),
        "changes",
        "Sums are split over the threads, so their number decides the order of additions.",
        sources.TENSORFLOW_THREADS,
    ),
    EffectRule(
        ("tensorflow.threads.*",),
        "may",
        "It decides how many operations run at the same time, and so in which order they use shared state.",
        sources.TENSORFLOW_DETERMINISM,
    ),
    EffectRule(
        ("tensorflow.soft_placement",),
        "may",
        "It decides whether an operation may run on another device than the one that was asked for.",
        "https://www.tensorflow.org/api_docs/python/tf/config/set_soft_device_placement",
    ),
    EffectRule(
        ("tensorflow.synchronous",),
        "may",
        "It decides whether calls wait for each operation, and so which operations run at the same time.",
        "https://www.tensorflow.org/api_docs/python/tf/config/experimental/set_synchronous_execution",
    ),
)
