"""
Records keys that the program makes from seeds, and arrays whose values it reads.

`float`, `int`, `bool`, `item`, `tolist` and printing use the property `ArrayImpl._value`. NumPy's functions read the
buffer directly, so `numpy.asarray` and `numpy.array` are wrapped for calls of the program on arrays of JAX.
"""

from __future__ import annotations

import functools
import sys

from ....factors.wrappers import in_place_of
from ..trace.format import METAS, NAMES, READ, SEED, TEXTS
from .arrays import is_array
from .calls import scalar

KEY_MAKERS = ("key", "PRNGKey")
NUMPY_READERS = ("asarray", "array")


class Reads:
    """The bodies of the hooks. An error of the recorder becomes a problem and never reaches the program."""

    def __init__(self, recorder):
        self._recorder = recorder

    def read(self, name, array):
        """The program reads an array: write one record, in the detail tier with its input."""
        self._write(self._of_read, name, array)

    def seed(self, name, given):
        """The program makes a key from a seed: write one record."""
        self._write(self._of_seed, name, given)

    def _write(self, body, name, value):
        recorder = self._recorder
        if recorder.launches.silent:
            return
        try:
            with recorder.launches.silence():
                place = recorder.sites.here(recorder.process)
                if place is not None:
                    body(*place, name, value)
        except Exception as problem:
            recorder.process.problem(problem)

    def _of_read(self, stream, site, name, array):
        recorder = self._recorder
        told = recorder.arrays.told(array)
        stream.append(READ, 0, 0, stream.define(NAMES, name), site, stream.define(METAS, told[1]), told[2])
        if recorder.process.numbers and array.size == 1:
            recorder.process.numbers.note(array.item())
        if recorder.detail:
            recorder.inputs([(0, *told)])

    def _of_seed(self, stream, site, name, given):
        text = stream.define(TEXTS, self._text(given))
        stream.append(SEED, name=stream.define(NAMES, name), site=site, meta=text)

    def _text(self, given):
        from jax import core

        if isinstance(given, core.Tracer):
            return "traced"
        if is_array(given):
            return "%s %016x" % (self._recorder.arrays.meta(given), self._recorder.arrays.digest(given))
        return scalar(given)


def follow(recorder):
    """Wrap the functions that make keys and read arrays. Raises AttributeError if this JAX lacks one."""
    import jax
    from jax._src import array

    reads = Reads(recorder)
    for name in KEY_MAKERS:
        setattr(jax.random, name, _making(reads, name, getattr(jax.random, name)))
    plain = array.ArrayImpl._value

    def value(self):
        found = plain.fget(self)
        reads.read("jax." + sys._getframe(1).f_code.co_name.strip("_"), self)
        return found

    array.ArrayImpl._value = property(functools.wraps(plain.fget)(value))
    array.ArrayImpl.item = _item(reads, array.ArrayImpl.item)
    _follow_numpy(reads, recorder, array.ArrayImpl)


def _making(reads, name, plain):
    @functools.wraps(plain)
    def make(*args, **named):
        reads.seed("jax.random." + name, args[0] if args else named.get("seed"))
        return plain(*args, **named)

    return make


def _item(reads, plain):
    @functools.wraps(plain)
    def item(self, *args):
        reads.read("jax.item", self)
        return plain(self, *args)

    return item


def _follow_numpy(reads, recorder, kind):
    """Wrap `numpy.asarray` and `numpy.array` for calls of the program's own code."""
    import numpy

    for name in NUMPY_READERS:
        setattr(numpy, name, _reading(reads, recorder, kind, "numpy." + name, getattr(numpy, name)))


def _reading(reads, recorder, kind, name, plain):
    sites, launches = recorder.sites, recorder.launches

    def convert(*args, **named):
        if not (args and type(args[0]) is kind) or launches.silent or not sites.is_users(sys._getframe(1)):
            return plain(*args, **named)
        reads.read(name, args[0])
        with launches.silence():  # for some dtypes NumPy uses `_value` too
            return plain(*args, **named)

    return in_place_of(plain, convert)
