"""
Dtypes, shapes and contents of JAX's arrays; in the detail tier also the record that wrote each.

An array never changes, so it has one storage ordinal and one writer while it is alive.
"""

from __future__ import annotations

import os
import weakref

from ..trace import digests
from ..trace.format import shaped, writer_of
from . import jaxprs

CONSTANTS, NUMBERS = 0x4000, 0x7FFF
"""Positions of IN records for values that a function closes over: the first array, and all numbers together."""


class Arrays:
    """The arrays of one process. Callers silence recording, since these methods run operations of JAX."""

    def __init__(self, process, function):
        self._process, self.function = process, function
        self._known = {}
        self._constants = weakref.WeakKeyDictionary()
        os.register_at_fork(after_in_child=self._known.clear)  # it refers to records of the parent's streams
        self._as_numpy = None

    def meta(self, array):
        """Dtype and shape as text: `f32[2,3]`."""
        return shaped(str(array.dtype), array.shape)

    def metas(self, arrays):
        """The texts of several arrays."""
        return ";".join(self.meta(one) for one in arrays)

    def digest(self, array):
        """The digest of the elements in order; waits until they are computed."""
        array = data_of(array)
        if getattr(array, "is_deleted", None) is not None and array.is_deleted():
            return 0
        if not getattr(array, "is_fully_addressable", True):
            return digests.mixed([self._plain_digest(shard.data) for shard in array.addressable_shards])
        return self._plain_digest(array)

    def mixed(self, arrays):
        """The digest of several arrays in their order."""
        return digests.mixed([self.digest(one) for one in arrays])

    def _plain_digest(self, array):
        if self._as_numpy is None:
            import numpy

            self._as_numpy = numpy.ascontiguousarray
        plain = self._as_numpy(array)
        return self.function(plain.ctypes.data, plain.nbytes)

    # ------------------------------------------------------------------------------------------------ detail tier

    def told(self, array):
        """(storage ordinal, meta, digest, writer) for an IN record."""
        ordinal, writer = self._entry(array)
        return ordinal, self.meta(array), self.digest(array), writer

    def constants(self, jaxpr):
        """IN records of what a function closed over when it was traced: arrays, and numbers in its equations."""
        known = self._constants.get(jaxpr)
        if known is None:
            told = [(CONSTANTS + n, *self.told(one)) for n, one in enumerate(jaxpr.consts) if is_array(one)]
            numbers = jaxprs.numbers(jaxpr.jaxpr)
            if numbers:
                content = digests.of_bytes(self.function, repr(numbers).encode())
                told.append((NUMBERS, self._process.next_storage(), "constants", content, 0))
            known = self._constants[jaxpr] = told
        return known

    def wrote(self, arrays, place):
        """Note that the record at index `place` of this task wrote these arrays."""
        for array in arrays:
            ordinal, _ = self._entry(array)
            self._known[id(data_of(array))][1:] = ordinal, writer_of(self._process.task.ordinal, place)

    def _entry(self, array):
        array = data_of(array)
        key = id(array)
        known = self._known.get(key)
        if known is None or known[0]() is not array:
            forget = _forgetting(self._known, key)
            known = self._known[key] = [_reference(array, forget), self._process.next_storage(), 0]
        return known[1], known[2]


def is_array(value):
    """Whether the value has a dtype and a shape."""
    return hasattr(value, "dtype") and hasattr(value, "shape")


def data_of(array):
    """The array inside a typed key or a reference, whose conversion would run a program; else the array itself."""
    array = getattr(getattr(array, "_refs", None), "_buf", array)
    return getattr(array, "_base_array", array)


def _forgetting(known, key):
    def forget(reference):
        if key in known and known[key][0] is reference:
            del known[key]

    return forget


def _reference(array, forget):
    """A weak reference; a dead one for objects that cannot be referenced weakly."""
    try:
        return weakref.ref(array, forget)
    except TypeError:
        return lambda: None
