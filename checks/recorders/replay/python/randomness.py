"""
Records draws and seed calls of Python's and NumPy's generators, and calls of the frameworks' seed functions.

A draw from a global generator is recorded by its result. An own generator is recorded where it is created, with its
seed, which determines its draws. One that is created without a seed is recorded as a draw from the system's entropy.
"""

from __future__ import annotations

import functools
import sys

from ....factors.wrappers import in_place_of
from ..trace.format import DRAW, NAMES, SEED, TEXTS
from ..trace.values import ValueDigester
from .outside import INSIDE, MAKERS, asked_by_user

PYTHON_DRAWS = ("random", "getrandbits", "randbytes", "uniform", "randint", "randrange", "choice", "choices", "shuffle")
PYTHON_DRAWS += ("sample", "gauss", "normalvariate", "betavariate", "expovariate", "triangular", "gammavariate")
NUMPY_DRAWS = ("rand", "randn", "randint", "random", "random_sample", "uniform", "normal", "choice", "permutation")
NUMPY_DRAWS += ("shuffle", "standard_normal", "binomial", "poisson", "exponential", "beta", "gamma", "bytes")
INTERNAL = ("torch.set_rng_state",)
"""Calls that libraries make for themselves; recorded only when the program itself makes them."""
PLAIN = (type(None), bool, int, float, str, bytes)
GENERATORS = (*MAKERS, "bit_generator.pyx")
"""Files that create generators on behalf of their callers."""


class DrawRecorder:
    """Writes DRAW and SEED records. A draw within a draw belongs to the outer one and is not recorded."""

    def __init__(self, process, sites, digest_bytes):
        self._process, self._sites, self._digest = process, sites, digest_bytes
        self._values = ValueDigester(digest_bytes, sites.is_users_file)
        self.seeded = set()
        self.generators = None
        """In the tier `lines`, the GeneratorSeeds that are told of seeds and draws."""

    @staticmethod
    def is_busy():
        """Whether this thread is inside a recorded call."""
        return getattr(INSIDE, "inside", False)

    def draws(self, name, family, plain):
        """Wrap a function that draws: record its result."""

        def drawn(*arguments, **named):
            if self.is_busy():
                return plain(*arguments, **named)
            INSIDE.inside = True
            try:
                result = plain(*arguments, **named)
            finally:
                INSIDE.inside = False
            self._write(self._of_draw, name, family, arguments[0] if result is None and arguments else result)
            return result

        return in_place_of(plain, drawn)

    def drew(self, name, told, frame):
        """Record that a generator took its seed from the system; `told()` returns bytes that identify the seed."""
        self._write(self._of_maker, name, told, frame)

    def seeds(self, name, family, plain):
        """Wrap a function that seeds: record its argument."""

        def seeding(*arguments, **named):
            result = plain(*arguments, **named)
            self._write(self._of_seed, name, family, arguments, named, sys._getframe(1))
            return result

        return in_place_of(plain, seeding)

    # ------------------------------------------------------------------------------------------------- the records

    def _write(self, body, *given):
        """Run the body of a hook; an exception becomes a problem and does not reach the program."""
        before = self.is_busy()
        INSIDE.inside = True
        try:
            body(*given)
        except Exception as problem:
            self._process.problem(problem)
        finally:
            INSIDE.inside = before

    def _of_draw(self, name, family, value):
        place = self._sites.here(self._process)  # None for a library's own draw while it is imported
        if place is not None:
            stream, site = place
            digest, count = self._content(value), int(family in self.seeded)
            if self.generators is not None:
                self.generators.drew(family)
            stream.append(DRAW, 0, count, stream.define(NAMES, name), site, digest=digest)

    def _of_maker(self, name, told, frame):
        if not asked_by_user(self._sites, frame, GENERATORS):
            return  # a library creates a generator of its own
        place = self._sites.here(self._process)
        if place is not None:
            stream, site = place
            stream.append(DRAW, name=stream.define(NAMES, name), site=site, digest=self._digest(told()))

    def _of_seed(self, name, family, arguments, named, frame):
        if name in INTERNAL and not self._sites.is_users(frame):
            return  # a library restores the state that it changed
        given = arguments[0] if arguments else next(iter(named.values()), None)
        if given is not None:
            self.seeded.add(family)
        else:
            self.seeded.discard(family)  # the seed comes from the system's entropy
            if self.generators is not None:
                self.generators.unseeded(family)
        place = self._sites.here(self._process, strict=False)  # torch's compiler wraps `manual_seed`
        if place is not None:
            stream, site = place
            if self.generators is not None and given is not None:
                self.generators.seeded(family, self._values.of(given)[0])
            text = stream.define(TEXTS, _short(given))
            stream.append(SEED, name=stream.define(NAMES, name), site=site, meta=text)

    def _content(self, value):
        """The digest of what was drawn, without calling the program's code."""
        kind = type(value)
        if kind.__module__ == "numpy" and kind.__name__ == "ndarray" and not value.dtype.hasobject:
            return self._digest(value.tobytes())
        return self._values.of(value)[0]


def _short(value):
    """An argument as text; for a type whose `repr` may be the program's code, the name of the type."""
    kind = type(value)
    if kind not in PLAIN and kind.__module__ not in ("numpy", "torch"):
        return kind.__name__
    text = repr(value)
    return text[:100] if "object at 0x" not in text else kind.__name__


def follow_python(recorder, random):
    """Wrap the functions of `random`, which use its global generator, and `Random.seed`."""
    for name in PYTHON_DRAWS:
        if hasattr(random, name):
            setattr(random, name, recorder.draws("random." + name, "python", getattr(random, name)))
    random.seed = recorder.seeds("random.seed", "python", random.seed)
    plain = random.Random.seed

    @functools.wraps(plain)
    def seed(self, *arguments, **named):
        plain(self, *arguments, **named)
        if (arguments[0] if arguments else named.get("a")) is None:
            recorder.drew("random.Random", lambda: repr(self.getstate()).encode(), sys._getframe(1))

    random.Random.seed = seed


def follow_numpy(recorder, numpy_random):
    """Wrap the functions of `numpy.random`, which use its global generator, and `default_rng`."""
    for name in NUMPY_DRAWS:
        if hasattr(numpy_random, name):
            plain = getattr(numpy_random, name)
            setattr(numpy_random, name, recorder.draws("numpy.random." + name, "numpy", plain))
    numpy_random.seed = recorder.seeds("numpy.random.seed", "numpy", numpy_random.seed)
    _follow_numpy_entropy(recorder)
    maker = recorder.seeds("numpy.random.default_rng", "numpy generator", numpy_random.default_rng)

    def default_rng(seed=None):
        made = maker(seed)
        if seed is None:
            told = lambda: repr(made.bit_generator.state).encode()  # noqa: E731 - evaluated only if it is recorded
            recorder.drew("numpy.random.default_rng", told, sys._getframe(1))
        return made

    numpy_random.default_rng = in_place_of(maker, default_rng)


def _follow_numpy_entropy(recorder):
    """Record that a bit generator took entropy (`RandomState()`, `PCG64()`)."""
    from numpy.random import bit_generator

    if not hasattr(bit_generator, "randbits"):
        return
    plain = bit_generator.randbits

    def randbits(count):
        before, INSIDE.inside = recorder.is_busy(), True
        try:
            bits = plain(count)
        finally:
            INSIDE.inside = before
        if not before:  # `RandomState(7)` reads entropy too and does not use it
            recorder.drew("numpy.random.SeedSequence", bytes, sys._getframe(1))
        return bits

    bit_generator.randbits = randbits


def follow_torch(recorder, torch):
    """Wrap torch's seed functions. Methods of its generators are C code; the state before each draw shows them."""
    for name in ("manual_seed", "seed", "set_rng_state"):
        wrapped = recorder.seeds("torch." + name, "torch", getattr(torch, name))
        setattr(torch, name, wrapped)
        setattr(torch.random, name, wrapped)


def follow_tensorflow(recorder, tensorflow):
    """Wrap the global seed function, which Keras calls too."""
    from tensorflow.python.framework import random_seed

    wrapped = recorder.seeds("tensorflow.random.set_seed", "tensorflow", tensorflow.random.set_seed)
    tensorflow.random.set_seed = random_seed.set_seed = wrapped
