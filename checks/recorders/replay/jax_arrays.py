"""
What is known of JAX's arrays: dtype and shape as text, content, and in the detail tier which record made each.

An array never changes, so one ordinal and one writer are kept for each as long as it lives.
"""

from __future__ import annotations

import os
import weakref

from . import digests

SHORT = {"float": "f", "int": "i", "uint": "u", "bfloat": "bf", "complex": "c", "bool": "b1"}


class Arrays:
    """The arrays of one process. All that runs here is silent: nothing of it is recorded as the program's."""

    def __init__(self, process, function):
        self._process, self._function = process, function
        self._known = {}
        os.register_at_fork(after_in_child=self._known.clear)  # it names records of the parent's streams
        self._as_numpy = None

    def meta(self, array):
        """`f32[2,3]`."""
        name = str(array.dtype)
        letters = name.rstrip("0123456789")
        short = SHORT.get(letters)
        return "%s[%s]" % (short + name[len(letters) :] if short else name, ",".join(map(str, array.shape)))

    def metas(self, arrays):
        """Of several."""
        return ";".join(self.meta(one) for one in arrays)

    def digest(self, array):
        """Sixty-four bits of the content, in the order of its elements; waits until it has been computed."""
        array = _data(array)
        if getattr(array, "is_deleted", None) is not None and array.is_deleted():
            return 0
        if not getattr(array, "is_fully_addressable", True):
            return digests.mixed([self._plain_digest(shard.data) for shard in array.addressable_shards])
        return self._plain_digest(array)

    def mixed(self, arrays):
        """Of several."""
        return digests.mixed([self.digest(one) for one in arrays])

    def _plain_digest(self, array):
        if self._as_numpy is None:
            import numpy

            self._as_numpy = numpy.ascontiguousarray
        plain = self._as_numpy(array)
        return self._function(plain.ctypes.data, plain.nbytes)

    # ------------------------------------------------------------------------------------------------ detail tier

    def told(self, array):
        """(ordinal, meta, content, writer): what an IN record says."""
        ordinal, writer = self._entry(array)
        return ordinal, self.meta(array), self.digest(array), writer

    def wrote(self, arrays, place):
        """The record at that place of this task has made these."""
        for array in arrays:
            ordinal, _ = self._entry(array)
            self._known[id(_data(array))][1:] = ordinal, self._process.task.ordinal << 40 | (place + 1)

    def _entry(self, array):
        array = _data(array)
        key = id(array)
        known = self._known.get(key)
        if known is None or known[0]() is not array:
            forget = _forgetting(self._known, key)
            known = self._known[key] = [_reference(array, forget), self._process.next_storage(), 0]
        return known[1], known[2]


def _data(array):
    """The array that a typed key holds, whose own conversion would run a program; of others themselves."""
    return getattr(array, "_base_array", array)


def _forgetting(known, key):
    def forget(reference):
        if key in known and known[key][0] is reference:
            del known[key]

    return forget


def _reference(array, forget):
    """A weak reference; where there is none for such objects, one that has ended, so that nothing is kept."""
    try:
        return weakref.ref(array, forget)
    except TypeError:
        return lambda: None
