"""Keras inside TensorFlow's process: seeding it and putting back what it keeps."""

from __future__ import annotations

import contextlib
import importlib.util

from . import _state

KEPT = ("global_random_seed", "global_seed_generator")
"""What Keras 3 keeps of its seed in its global state."""


def installed():
    """Whether `keras` can be imported; TensorFlow can be installed without it."""
    return importlib.util.find_spec("keras") is not None


@contextlib.contextmanager
def seeded(seed):
    """As a user seeds everything at once, `keras.utils.set_random_seed`; every generator is put back afterwards."""
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
