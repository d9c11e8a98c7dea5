"""
Draws and seed calls of Python's and NumPy's generators, and of torch's seed functions.

A draw of the global generators is recorded by its result. An instance is recorded where it is made, with its seed: from
then on it is as repeatable as that. What is made without a seed takes entropy, and `outside.py` sees that.
"""

from __future__ import annotations

import functools
import sys

from ....factors.wrappers import in_place_of
from ..trace.format import DRAW, NAMES, SEED, TEXTS
from ..trace.values import Values
from .outside import INSIDE, MAKERS, asked_by_user

PYTHON_DRAWS = ("random", "getrandbits", "randbytes", "uniform", "randint", "randrange", "choice", "choices", "shuffle")
PYTHON_DRAWS += ("sample", "gauss", "normalvariate", "betavariate", "expovariate", "triangular", "gammavariate")
NUMPY_DRAWS = ("rand", "randn", "randint", "random", "random_sample", "uniform", "normal", "choice", "permutation")
NUMPY_DRAWS += ("shuffle", "standard_normal", "binomial", "poisson", "exponential", "beta", "gamma", "bytes")
INTERNAL = ("torch.set_rng_state",)
"""Calls that libraries make around their own work; they count where the program itself makes them."""
PLAIN = (type(None), bool, int, float, str, bytes)
GENERATORS = (*MAKERS, "bit_generator.pyx")
"""Files that make generators for who calls them."""


class Watch:
    """Writes the records; a draw inside a draw is the outer one's."""

    def __init__(self, process, sites, digest_bytes):
        self._process, self._sites, self._digest = process, sites, digest_bytes
        self._values = Values(digest_bytes, sites.is_users_file)
        self.seeded = set()
        self.generators = None
        """What is told of seeds and draws where statements are followed (`line_seeds.py`)."""

    @staticmethod
    def is_busy():
        """Whether this thread is inside a watched call already."""
        return getattr(INSIDE, "inside", False)

    def draws(self, name, family, plain):
        """A function that draws, recorded by what it gave."""

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
        """An instance took its seed from the system; `told` gives the bytes that tell one seed from another."""
        self._write(self._of_maker, name, told, frame)

    def seeds(self, name, family, plain):
        """A function that seeds, recorded with its argument."""

        def seeding(*arguments, **named):
            result = plain(*arguments, **named)
            self._write(self._of_seed, name, family, arguments, named, sys._getframe(1))
            return result

        return in_place_of(plain, seeding)

    # ------------------------------------------------------------------------------------------------- the records

    def _write(self, body, *given):
        """The body of a hook: whatever happens in it, the program does not notice."""
        before = self.is_busy()
        INSIDE.inside = True
        try:
            body(*given)
        except Exception as problem:
            self._process.problem(problem)
        finally:
            INSIDE.inside = before

    def _of_draw(self, name, family, value):
        place = self._sites.here(self._process)  # a library's own while it is imported looks like the user's
        if place is not None:
            stream, site = place
            digest, count = self._content(value), int(family in self.seeded)
            if self.generators is not None:
                self.generators.drew(family)
            stream.append(DRAW, 0, count, stream.define(NAMES, name), site, digest=digest)

    def _of_maker(self, name, told, frame):
        if not asked_by_user(self._sites, frame, GENERATORS):
            return  # a library makes one of its own
        place = self._sites.here(self._process)
        if place is not None:
            stream, site = place
            stream.append(DRAW, name=stream.define(NAMES, name), site=site, digest=self._digest(told()))

    def _of_seed(self, name, family, arguments, named, frame):
        if name in INTERNAL and not self._sites.is_users(frame):
            return  # a library that puts back what it took
        given = arguments[0] if arguments else next(iter(named.values()), None)
        if given is not None:
            self.seeded.add(family)
        else:
            self.seeded.discard(family)  # it takes its seed from the system
            if self.generators is not None:
                self.generators.unseeded(family)
        place = self._sites.here(self._process)
        if place is not None:
            stream, site = place
            if self.generators is not None and given is not None:
                self.generators.seeded(family, self._values.of(given)[0])
            text = stream.define(TEXTS, _short(given))
            stream.append(SEED, name=stream.define(NAMES, name), site=site, meta=text)

    def _content(self, value):
        """Sixty-four bits of what was drawn, without a call of the program's code."""
        kind = type(value)
        if kind.__module__ == "numpy" and kind.__name__ == "ndarray" and not value.dtype.hasobject:
            return self._digest(value.tobytes())
        return self._values.of(value)[0]


def _short(value):
    """An argument as text; only of what is printed by no code of the program's."""
    kind = type(value)
    if kind not in PLAIN and kind.__module__ not in ("numpy", "torch"):
        return kind.__name__
    text = repr(value)
    return text[:100] if "object at 0x" not in text else kind.__name__


def follow_python(watch, random):
    """The functions of the module `random`: its global generator."""
    for name in PYTHON_DRAWS:
        if hasattr(random, name):
            setattr(random, name, watch.draws("random." + name, "python", getattr(random, name)))
    random.seed = watch.seeds("random.seed", "python", random.seed)
    plain = random.Random.seed

    @functools.wraps(plain)
    def seed(self, *arguments, **named):
        plain(self, *arguments, **named)
        if (arguments[0] if arguments else named.get("a")) is None:
            watch.drew("random.Random", lambda: repr(self.getstate()).encode(), sys._getframe(1))

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

    def default_rng(seed=None):
        made = maker(seed)
        if seed is None:
            told = lambda: repr(made.bit_generator.state).encode()  # noqa: E731 - read only where it is recorded
            watch.drew("numpy.random.default_rng", told, sys._getframe(1))
        return made

    numpy_random.default_rng = in_place_of(maker, default_rng)


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
        if not before:  # `RandomState(7)` takes entropy too, and uses none of it
            watch.drew("numpy.random.SeedSequence", bytes, sys._getframe(1))
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
