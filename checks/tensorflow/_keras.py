"""Keras inside TensorFlow's process: seeds it and restores its state."""

from __future__ import annotations

import contextlib
import importlib.util

from . import _state

KEPT = ("global_random_seed", "global_seed_generator")
"""Keys of the seed in Keras 3's global state."""


def installed():
    """Whether `keras` can be imported; TensorFlow can be installed without it."""
    return importlib.util.find_spec("keras") is not None


@contextlib.contextmanager
def seeded(seed):
    """Seed everything with `keras.utils.set_random_seed`, as users do; restore every generator afterwards."""
    import keras
    from keras.src.backend.common import global_state

    before = {name: global_state.get_global_attribute(name) for name in KEPT}
    with _state.seeded(seed):
        keras.utils.set_random_seed(seed)
        try:
            yield
        finally:
            for name, value in before.items():
                global_state.set_global_attribute(name, value)
