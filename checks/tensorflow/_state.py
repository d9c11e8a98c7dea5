"""TensorFlow's process state: what is compared around every check, how settings are applied and seeds restored."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import sys

THREADS_VARIABLE = "TF_NUM_INTRAOP_THREADS"
"""Variables that TensorFlow reads for its intra-op threads when no call has set them."""


def snapshot():
    """Names of TensorFlow's switches, thread counts, default dtypes and RNG state to short values."""
    import tensorflow

    config = tensorflow.config
    return dict(
        _generators(),
        **_keras(),
        **{
            "tensorflow op determinism": op_determinism(),
            "tensorflow intra-op threads": config.threading.get_intra_op_parallelism_threads(),
            "tensorflow inter-op threads": config.threading.get_inter_op_parallelism_threads(),
            "tensorflow optimizer jit": config.optimizer.get_jit(),
            "tensorflow optimizer options": repr(sorted(config.optimizer.get_experimental_options().items())),
            "tensorflow soft device placement": config.get_soft_device_placement(),
            "tensorflow functions run eagerly": config.functions_run_eagerly(),
            "tensorflow TF32": config.experimental.tensor_float_32_execution_enabled(),
        },
    )


def apply(chosen):
    """Apply the settings that TensorFlow sets by a call; threads can only be set before its first operation."""
    import tensorflow

    if "threads" in chosen:
        tensorflow.config.threading.set_intra_op_parallelism_threads(int(chosen["threads"]))
        tensorflow.config.threading.set_inter_op_parallelism_threads(int(chosen["threads"]))
    if chosen.get("compile") == "off":
        tensorflow.config.run_functions_eagerly(True)  # functions of tf.data stay graphs
    if chosen.get("framework-switch") == "on":
        # Under the switch an unseeded draw is an error, so the documentation asks for this call.
        tensorflow.keras.utils.set_random_seed(0)
        tensorflow.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def seeded(seed):
    """
    Seed Python, NumPy and TensorFlow for the duration, and restore every generator afterwards.

    There is no public way to return to "no seed": the eager context keeps the seed in `_seed`, and in `_rng` the
    generator of op seeds, which does not exist before the first `set_seed`.
    """
    import numpy
    import tensorflow

    context = _context()
    python_state, numpy_state = random.getstate(), numpy.random.get_state()
    missing = object()
    before = {name: getattr(context, name, missing) for name in ("_seed", "_rng")}
    random.seed(seed)
    numpy.random.seed(seed)
    tensorflow.random.set_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
        for name, value in before.items():
            if value is missing:
                delattr(context, name)
            else:
                setattr(context, name, value)


def initialised():
    """Whether TensorFlow's runtime has started, after which thread counts can no longer be set."""
    return _context()._context_handle is not None


def processors():
    """How many processors this process may use (count); macOS has no affinity."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads():
    """The configured number of intra-op threads, else the number of processors that the process may use."""
    import tensorflow

    told = tensorflow.config.threading.get_intra_op_parallelism_threads() or os.environ.get(THREADS_VARIABLE) or 0
    return int(told) or processors()


def _context():
    from tensorflow.python.eager import context

    return context.context()


def op_determinism():
    """Whether the switch is on (the first query, or the first operator, reads TF_DETERMINISTIC_OPS)."""
    from tensorflow.python.framework import config

    return config.is_op_determinism_enabled()


def _generators():
    """The global seed, the generator of op seeds, and the global `tf.random.Generator` if it exists."""
    from tensorflow.python.ops import stateful_random_ops

    context = _context()
    rng, generator = getattr(context, "_rng", None), stateful_random_ops.global_generator
    return {
        "tensorflow global seed": repr(context._seed),
        "tensorflow op seed generator": None if rng is None else _short(repr(rng.getstate()).encode()),
        "tensorflow global generator": None if generator is None else _short(generator.state.numpy().tobytes()),
    }


def _keras():
    """Keras's process state, if Keras is imported."""
    keras = sys.modules.get("keras")
    if keras is None or not hasattr(keras, "config"):
        return {}
    state = {"keras default dtype": keras.config.floatx()}
    if hasattr(keras.config, "dtype_policy"):
        state["keras dtype policy"] = keras.config.dtype_policy().name
    tracker = sys.modules.get("keras.src.backend.common.global_state")
    if tracker is not None:
        generator = tracker.get_global_attribute("global_seed_generator")
        state["keras random seed"] = repr(tracker.get_global_attribute("global_random_seed"))
        state["keras seed generator"] = (
            None if generator is None else _short(bytes(memoryview(generator.state.numpy())))
        )
    return state


def _short(data):
    return hashlib.sha256(data).hexdigest()[:16]
