"""
64-bit digests of memory, which depend on every bit and its position.

XXH3 by the C library libxxhash where it is installed (about 19 GB/s per core), else two CRC-32 of the standard library
(about 2 GB/s). A portable trace uses CRC-32, which every machine has.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import zlib

from .format import MASK_64

MIX = 0x9E3779B97F4A7C15
SECOND_START = 0x5BD1E995
"""Start value of the second CRC-32. Against constructed collisions both together are no stronger than one."""
XXH3, CRC = "xxh3-64", "crc32x2"


def chosen(portable):
    """(name of the algorithm, function from address and size in bytes to 64 bits)."""
    if not portable:
        found = _xxh3()
        if found is not None:
            return XXH3, found
    return CRC, _crc


def _xxh3():
    try:
        name = ctypes.util.find_library("xxhash")
        if not name:
            return None
        function = ctypes.CDLL(name).XXH3_64bits
        of_bytes = ctypes.PyDLL(name).XXH3_64bits
    except (OSError, AttributeError):
        return None
    function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_size_t], ctypes.c_uint64
    of_bytes.argtypes, of_bytes.restype = [ctypes.c_char_p, ctypes.c_size_t], ctypes.c_uint64
    function.of_bytes = of_bytes
    return function


def _crc(address, size):
    return _crc_of_bytes((ctypes.c_char * size).from_address(address) if size else b"", size)


def _crc_of_bytes(data, _size):
    return zlib.crc32(data) << 32 | zlib.crc32(data, SECOND_START)


_crc.of_bytes = _crc_of_bytes


def mixed(digests):
    """One digest of several in their order."""
    state = len(digests)
    for digest in digests:
        state = ((state ^ digest) * MIX + 1) & MASK_64
    return state


def of_bytes(function, data):
    """The digest of a bytes object, by a function that `chosen` returned."""
    return function.of_bytes(data, len(data))
