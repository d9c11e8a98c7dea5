"""
The factor `seed`: the frameworks' default generators start from a given seed.

The calls are those of a program that seeds its generators. Where the program requests a seed from the system's entropy
(`torch.seed()`, TensorFlow's global generator), it gets seeds that are the same in each run.
"""

from __future__ import annotations

import functools
import itertools
import sys

from . import in_c


def torch(module, number):
    """Seed torch's default generators; replace `torch.seed` and the method `Generator.seed`."""
    module.manual_seed(number)
    numbers = itertools.count(number)

    @functools.wraps(module.seed)
    def seed():
        chosen = next(numbers)
        module.manual_seed(chosen)
        return chosen

    module.seed = module.random.seed = seed

    def seed_own(self):
        """Seed this generator with the next fixed seed; returns the seed."""
        chosen = next(numbers)
        self.manual_seed(chosen)
        return chosen

    in_c.replace(module.Generator, "seed", seed_own)


def tensorflow(module, number):
    """
    Do as `tf.keras.utils.set_random_seed`, and replace the entropy of `Generator.from_non_deterministic_state`.

    Keras itself is not imported: its own import may be running.
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
