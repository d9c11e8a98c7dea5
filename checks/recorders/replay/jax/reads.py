"""
Where values of JAX's enter and leave the program: keys that are made from seeds, and arrays that the host reads.

`float`, `int`, `bool`, `item`, `tolist` and printing pass the property `ArrayImpl._value`; NumPy's functions take the
buffer itself, so `numpy.asarray` and `numpy.array` are heard where the program calls them on an array of JAX's.
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
    """The bodies of the hooks, each guarded."""

    def __init__(self, recorder):
        self._recorder = recorder

    def read(self, name, array):
        """The program reads an array: one record, and in the detail tier which array."""
        self._write(self._of_read, name, array)

    def seed(self, name, given):
        """A key is made from a seed."""
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
    """Hook keys and reads; raises AttributeError where this JAX has them not."""
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
    """NumPy's two doors for arrays; what libraries pass through them is theirs."""
    import numpy

    for name in NUMPY_READERS:
        setattr(numpy, name, _reading(reads, recorder, kind, "numpy." + name, getattr(numpy, name)))


def _reading(reads, recorder, kind, name, plain):
    sites, launches = recorder.sites, recorder.launches

    def convert(*args, **named):
        if not (args and type(args[0]) is kind) or launches.silent or not sites.is_users(sys._getframe(1)):
            return plain(*args, **named)
        reads.read(name, args[0])
        with launches.silence():  # some dtypes pass `_value` besides
            return plain(*args, **named)

    return in_place_of(plain, convert)
