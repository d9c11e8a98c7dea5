"""
Records draws and seed calls of Python's and NumPy's generators, and calls of the frameworks' seed functions.

A draw from a global generator is recorded by its result. An own generator is recorded where it is created, with its
seed, which determines its draws. One that is created without a seed is recorded as a draw from the system's entropy.
"""

from __future__ import annotations

import functools
import os
import sys

from ....factors.wrappers import in_place_of
from ..trace.format import DRAW, METAS, NAMES, OUTSIDE, SEED, TEXTS, VOLATILE
from ..trace.values import ValueDigester
from .outside import INSIDE, MAKERS, asked_by_user, library_function
from .states import NumpyWords, SavedStates

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

    def __init__(self, process, sites, digest_bytes, detail):
        self._detail = detail
        self._process, self._sites, self._digest = process, sites, digest_bytes
        self._values = ValueDigester(digest_bytes, sites.is_users_file)
        self.seeded = set()
        self.words, self._states = {}, SavedStates()
        """By family of global generators: what reads its words."""
        self.when_seeded = {}
        """By family: what to call with (stream, whether the seed is the system's) after a seed call was recorded."""
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
            if family in self.words and family not in self.seeded:
                self._write(self._of_words, family)
            INSIDE.inside = True
            try:
                result = plain(*arguments, **named)
            finally:
                INSIDE.inside = False
            self._write(self._of_draw, name, family, arguments[0] if result is None and arguments else result)
            return result

        return in_place_of(plain, drawn)

    def forked(self):
        """In a forked child: Python has seeded its generator from the system's entropy."""
        self.seeded.discard("python")

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

    def saves(self, name, family, plain):
        """Wrap a function that returns the state of a global generator."""

        def saved(*arguments, **named):
            state = plain(*arguments, **named)
            self._write(self._of_saved, name, family, state)
            return state

        return in_place_of(plain, saved)

    def restores(self, name, family, plain):
        """Wrap a function that sets the state of a global generator."""

        def restored(*arguments, **named):
            result = plain(*arguments, **named)
            self._write(self._of_restored, name, family, arguments[0] if arguments else next(iter(named.values())))
            return result

        return in_place_of(plain, restored)

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
            called_from = self._sites.caller(stream, sys._getframe(1)) if self._detail else 0
            stream.append(DRAW, 0, count, stream.define(NAMES, name), site, digest=digest, extra=called_from)

    def _of_maker(self, name, told, frame):
        place = self._sites.here(self._process)
        if place is None:
            return
        stream, site = place
        if asked_by_user(self._sites, frame, GENERATORS):
            stream.append(DRAW, name=stream.define(NAMES, name), site=site, digest=self._digest(told()))
            return
        # A library makes a generator for itself: its seed counts only where it reaches the program.
        inside = stream.define(METAS, library_function(frame, GENERATORS))
        stream.append(OUTSIDE, VOLATILE, 0, stream.define(NAMES, name), site, inside)

    def _of_words(self, family):
        """Before a draw: the generator was seeded, and no call of it was seen."""
        seed = self.words[family].fresh_seed()
        if seed is not None:
            self.seeded.add(family)
            self._write_seed(family, "%s.random.global state" % family, seed)

    def _of_saved(self, name, family, state):
        seeded = family in self.seeded
        self._states.saved(family, state, seeded=seeded)
        place = None if seeded else self._sites.here(self._process)
        if place is not None:  # the state is the system's entropy, and a seed may be made from it
            stream, site = place
            stream.append(OUTSIDE, VOLATILE, 0, stream.define(NAMES, name), site)

    def _of_restored(self, name, family, state):
        seeded = self._states.was_seeded(family, state)
        (self.seeded.discard if seeded is False else self.seeded.add)(family)
        if seeded is None:  # of another process: a checkpoint
            self._write_seed(family, name, "state %016x" % self._digest(repr(state).encode()))

    def _write_seed(self, family, name, text):
        place = self._sites.here(self._process, strict=False)
        if place is not None:
            stream, site = place
            if self.generators is not None:
                self.generators.seeded(family, self._values.of(text)[0])
            stream.append(SEED, name=stream.define(NAMES, name), site=site, meta=stream.define(TEXTS, text))

    def _of_seed(self, name, family, arguments, named, frame):
        if name in INTERNAL and not self._sites.is_users(frame):
            return  # a library restores the state that it changed
        given = arguments[0] if arguments else next(iter(named.values()), None)
        if given is not None:
            self.seeded.add(family)
        else:
            self.seeded.discard(family)  # the seed comes from the system's entropy
            if family in self.words:
                self.words[family].took_entropy()
            if self.generators is not None:
                self.generators.unseeded(family)
        place = self._sites.here(self._process, strict=False)  # torch's compiler wraps `manual_seed`
        if place is not None:
            stream, site = place
            if self.generators is not None and given is not None:
                self.generators.seeded(family, self._values.of(given)[0])
            text = stream.define(TEXTS, _short(given))
            stream.append(SEED, name=stream.define(NAMES, name), site=site, meta=text)
            told = self.when_seeded.get(family)
            if told is not None:
                told(stream, given is None)

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
    random.getstate = recorder.saves("random.getstate", "python", random.getstate)
    random.setstate = recorder.restores("random.setstate", "python", random.setstate)
    os.register_at_fork(after_in_child=recorder.forked)
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
    numpy_random.get_state = recorder.saves("numpy.random.get_state", "numpy", numpy_random.get_state)
    numpy_random.set_state = recorder.restores("numpy.random.set_state", "numpy", numpy_random.set_state)
    recorder.words["numpy"] = NumpyWords(numpy_random)
    _follow_numpy_entropy(recorder)
    maker = recorder.seeds("numpy.random.default_rng", "numpy generator", numpy_random.default_rng)

    def default_rng(seed=None):
        before, INSIDE.inside = recorder.is_busy(), True  # its read of entropy is told below
        try:
            made = maker(seed)
        finally:
            INSIDE.inside = before
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


def follow_torch(recorder, torch, generators):
    """Wrap torch's seed functions. Methods of its generators are C code; `generators` sees what they did."""
    recorder.when_seeded["torch"] = generators.called
    for name in ("manual_seed", "seed", "set_rng_state"):
        wrapped = recorder.seeds("torch." + name, "torch", getattr(torch, name))
        setattr(torch, name, wrapped)
        setattr(torch.random, name, wrapped)


def follow_tensorflow(recorder, tensorflow, operations):
    """Wrap the global seed function, which Keras calls too; `operations` sees a seed that was set otherwise."""
    recorder.when_seeded["tensorflow"] = operations.seed_called
    from tensorflow.python.framework import random_seed

    wrapped = recorder.seeds("tensorflow.random.set_seed", "tensorflow", tensorflow.random.set_seed)
    tensorflow.random.set_seed = random_seed.set_seed = wrapped
