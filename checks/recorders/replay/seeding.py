"""
The factor `seed`: frameworks' default generators begin from a given number, and take none from the system.

It is what a program would do that seeds them. Where a program asks for a seed of the system's all the same
(`torch.seed()`, the global generator of TensorFlow), it gets one that is the same in each run.
"""

from __future__ import annotations

import functools
import itertools
import sys


def torch(module, number):
    """Torch's default generators, and `torch.seed`; a generator's own method belongs to C, and is not reached."""
    module.manual_seed(number)
    numbers = itertools.count(number)

    @functools.wraps(module.seed)
    def seed():
        chosen = next(numbers)
        module.manual_seed(chosen)
        return chosen

    module.seed = module.random.seed = seed


def tensorflow(module, number):
    """
    What `tf.keras.utils.set_random_seed` does, and generators that are made from the system's entropy.

    Keras itself is not imported: it may be halfway through its import.
    """
    import random

    import numpy
    from tensorflow.python.ops import stateful_random_ops, stateless_random_ops

    random.seed(number)
    numpy.random.seed(number)
    module.random.set_seed(number)
    utilities = sys.modules.get("keras.src.utils.rng_utils")
    if utilities is not None and hasattr(utilities, "set_random_seed"):
        utilities.set_random_seed(number)
    numbers, plain = itertools.count(), stateful_random_ops.non_deterministic_ints

    @functools.wraps(plain)
    def deterministic_ints(shape, dtype=module.int64):
        seeds = [number, next(numbers)]
        return stateless_random_ops.stateless_random_uniform(shape, seeds, minval=None, maxval=None, dtype=dtype)

    stateful_random_ops.non_deterministic_ints = deterministic_ints
