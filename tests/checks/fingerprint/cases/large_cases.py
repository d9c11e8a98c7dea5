"""An array of more than 2 GiB."""

import hashlib
import resource

import numpy
from recording import case, groups, tell

size = (1 << 31) + 4099
array = numpy.zeros(size, "u1")
array[::4096] = numpy.arange(len(array[::4096])) % 251
array[-1] = 7
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
case("large", "array", lambda: array)
taken_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert taken_kib < 200 * 1024, taken_kib
state = hashlib.sha256(b"<%d:uint8|%d:%d:" % (len(b"uint8|%d" % size), size, size))
state.update(memoryview(array))
groups["large"]["definition"] = state.hexdigest()

tell()
