"""
The factor `seed`: frameworks' default generators begin from a given number, and take none from the system.

It is what a program would do that seeds them. Where a program asks for a seed of the system's all the same
(`torch.seed()`, the global generator of TensorFlow), it gets one that is the same in each run.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import itertools
import sys


def torch(module, number):
    """Torch's default generators, `torch.seed`, and the method `seed` of the program's own generators."""
    module.manual_seed(number)
    numbers = itertools.count(number)

    @functools.wraps(module.seed)
    def seed():
        chosen = next(numbers)
        module.manual_seed(chosen)
        return chosen

    module.seed = module.random.seed = seed

    def seed_own(self):
        """Set this generator's seed to one that is the same in each run; returns it."""
        chosen = next(numbers)
        self.manual_seed(chosen)
        return chosen

    _replace_in_c(module.Generator, "seed", seed_own)


def _replace_in_c(owner, name, function):
    """
    Another method for a class that refuses to be changed: in its dictionary, and its cache told of it.

    Only where this factor is on, in a run that is made for it.
    """
    held = next((one for one in gc.get_referents(owner.__dict__) if isinstance(one, dict) and name in one), None)
    if held is not None:
        held[name] = functools.wraps(held[name])(function)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))


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
