"""
Draws and seed calls of Python's and NumPy's generators, and of torch's seed functions.

A draw of the global generators is recorded by its result. An instance is recorded where it is made, with its seed: from
then on it is as repeatable as that. What is made without a seed takes entropy, and `outside.py` sees that.
"""

from __future__ import annotations

import functools
import os
import sys

from .outside import INSIDE, MAKERS
from .writer import DRAW, NAMES, SEED, SITES, TEXTS

PYTHON_DRAWS = ("random", "getrandbits", "randbytes", "uniform", "randint", "randrange", "choice", "choices", "shuffle")
PYTHON_DRAWS += ("sample", "gauss", "normalvariate", "betavariate", "expovariate", "triangular", "gammavariate")
NUMPY_DRAWS = ("rand", "randn", "randint", "random", "random_sample", "uniform", "normal", "choice", "permutation")
NUMPY_DRAWS += ("shuffle", "standard_normal", "binomial", "poisson", "exponential", "beta", "gamma", "bytes")
INTERNAL = ("torch.set_rng_state",)
"""Calls that libraries make around their own work; they count where the program itself makes them."""


class Watch:
    """Writes the records; a draw inside a draw is the outer one's."""

    def __init__(self, process, sites, digest_bytes):
        self._process, self._sites, self._digest = process, sites, digest_bytes
        self.seeded = set()

    def is_busy(self):
        """Whether this thread is inside a watched call already."""
        return getattr(INSIDE, "inside", False)

    def _write(self, kind, name, **fields):
        try:
            frame = self._sites.frame(3, strict=True)
            stream = self._process.task.stream
            if frame is None or stream is None:
                return  # a library's own: an import that draws looks like the user's otherwise
            site = stream.define(SITES, self._sites.text(frame))
            if "text" in fields:
                fields["meta"] = stream.define(TEXTS, fields.pop("text"))
            stream.append(kind, name=stream.define(NAMES, name), site=site, **fields)
        except Exception as problem:
            self._process.task.problem(problem)

    def draws(self, name, family, plain):
        """A function that draws, recorded by what it gave."""

        @functools.wraps(plain)
        def drawn(*arguments, **named):
            if self.is_busy():
                return plain(*arguments, **named)
            INSIDE.inside = True
            try:
                result = plain(*arguments, **named)
            finally:
                INSIDE.inside = False
            taken = arguments[0] if result is None and arguments else result
            self._write(DRAW, name, count=int(family in self.seeded), digest=self._of(taken))
            return result

        return drawn

    def drew(self, name, told):
        """An instance took its seed from the system; `told` gives the bytes that tell one seed from another."""
        try:
            digest = self._digest(told())
        except Exception as problem:
            self._process.task.problem(problem)
            return
        self._write(DRAW, name, digest=digest)

    def is_asked_for(self, frame):
        """Whether the user makes a generator, and not a library one of its own."""
        while frame is not None and os.path.basename(frame.f_code.co_filename) in (*MAKERS, "bit_generator.pyx"):
            frame = frame.f_back
        return frame is not None and self._sites.is_users(frame)

    def seeds(self, name, family, plain):
        """A function that seeds, recorded with its argument."""

        @functools.wraps(plain)
        def seeding(*arguments, **named):
            result = plain(*arguments, **named)
            if name in INTERNAL and not self._sites.is_users(sys._getframe(1)):
                return result  # a library that puts back what it took
            given = arguments[0] if arguments else next(iter(named.values()), None)
            if given is not None:
                self.seeded.add(family)
            else:
                self.seeded.discard(family)  # it takes its seed from the system
            self._write(SEED, name, text=_short(given))
            return result

        return seeding

    def _of(self, value):
        data = value.tobytes() if hasattr(value, "tobytes") else repr(value).encode("utf-8", "backslashreplace")
        return self._digest(data)


def _short(value):
    text = repr(value)
    return text[:100] if "object at 0x" not in text else type(value).__name__


def follow_python(watch, random):
    """The functions of the module `random`: its global generator."""
    for name in PYTHON_DRAWS:
        if hasattr(random, name):
            setattr(random, name, watch.draws("random." + name, "python", getattr(random, name)))
    random.seed = watch.seeds("random.seed", "python", random.seed)
    plain = random.Random.seed

    @functools.wraps(plain)
    def seed(self, a=None, *version):
        plain(self, a, *version)
        if a is None and watch.is_asked_for(sys._getframe(1)):
            watch.drew("random.Random", lambda: repr(self.getstate()).encode())

    random.Random.seed = seed


def follow_numpy(watch, numpy_random):
    """The functions of `numpy.random`: its global generator; and the makers of instances, which are classes' equals."""
    for name in NUMPY_DRAWS:
        if hasattr(numpy_random, name):
            plain = getattr(numpy_random, name)
            setattr(numpy_random, name, watch.draws("numpy.random." + name, "numpy", plain))
    numpy_random.seed = watch.seeds("numpy.random.seed", "numpy", numpy_random.seed)
    _follow_numpy_entropy(watch)
    maker = watch.seeds("numpy.random.default_rng", "numpy generator", numpy_random.default_rng)

    @functools.wraps(maker)
    def default_rng(seed=None):
        made = maker(seed)
        if seed is None and watch.is_asked_for(sys._getframe(1)):
            watch.drew("numpy.random.default_rng", lambda: repr(made.bit_generator.state).encode())
        return made

    numpy_random.default_rng = default_rng


def _follow_numpy_entropy(watch):
    """That a generator took entropy: `RandomState()`, `PCG64()`; whether it matters shows in what is drawn."""
    from numpy.random import bit_generator

    if not hasattr(bit_generator, "randbits"):
        return
    plain = bit_generator.randbits

    def randbits(count):
        before, INSIDE.inside = watch.is_busy(), True
        try:
            bits = plain(count)
        finally:
            INSIDE.inside = before
        if not before and watch.is_asked_for(sys._getframe(1)):
            watch.drew("numpy.random.SeedSequence", bytes)  # `RandomState(7)` takes entropy too, and uses none of it
        return bits

    bit_generator.randbits = randbits


def follow_torch(watch, torch):
    """Torch's own seed functions; generators' methods belong to C, and show in the state before each draw."""
    for name in ("manual_seed", "seed", "set_rng_state"):
        wrapped = watch.seeds("torch." + name, "torch", getattr(torch, name))
        setattr(torch, name, wrapped)
        setattr(torch.random, name, wrapped)


def follow_tensorflow(watch, tensorflow):
    """The global seed; Keras sets it through this function, and Python's and NumPy's through theirs."""
    from tensorflow.python.framework import random_seed

    wrapped = watch.seeds("tensorflow.random.set_seed", "tensorflow", tensorflow.random.set_seed)
    tensorflow.random.set_seed = random_seed.set_seed = wrapped
