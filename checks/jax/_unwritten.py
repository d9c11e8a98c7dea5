"""
A custom call that writes nothing: a canary that shows what XLA's buffers hold before an operation writes them.

JAX never returns unwritten memory on a CPU (`jax.lax.empty` gives zeros there), but a handler of XLA's foreign
function interface receives its output buffer as allocated. The handler is built with ctypes from the structures of
`xla/ffi/api/c_api.h`, so nothing needs compiling.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util

TARGET = "auditor_unwritten"
METADATA_EXTENSION = 1
API_VERSION = (0, 1)
"""XLA refuses a version newer than its own and accepts older ones; jaxlib 0.10.2 has 0.3."""
CANARIES_BYTES = {"small": 256, "medium": 65536, "large": 8 * 2**20}


class _Extension(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("kind", ctypes.c_int), ("next", ctypes.c_void_p))


class _Version(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_size_t),
        ("extensions", ctypes.c_void_p),
        ("major", ctypes.c_int),
        ("minor", ctypes.c_int),
    )


class _Metadata(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("version", _Version), ("traits", ctypes.c_uint32))


class _MetadataExtension(ctypes.Structure):
    _fields_ = (("base", _Extension), ("metadata", ctypes.POINTER(_Metadata)))


class _CallFrame(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("extension", ctypes.POINTER(_MetadataExtension)))


@ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(_CallFrame))
def _handler(frame):
    """Report the interface version on request; write nothing; report success (a null error)."""
    extension = frame.contents.extension
    if extension and extension.contents.base.kind == METADATA_EXTENSION:
        metadata = extension.contents.metadata.contents
        metadata.version.major, metadata.version.minor = API_VERSION
        metadata.traits = 0


@functools.lru_cache(maxsize=None)
def _register():
    """Register the handler once per process; XLA refuses a second one of the same name."""
    from jax import ffi

    address = ctypes.cast(_handler, ctypes.c_void_p).value
    ffi.register_ffi_target(TARGET, ffi.pycapsule(address), platform="cpu")


def unwritten(size_bytes):
    """A compiled function without arguments that returns an unwritten buffer (uint8) of that size."""
    import jax

    _register()
    shape = jax.ShapeDtypeStruct((size_bytes,), jax.numpy.uint8)
    return jax.jit(jax.ffi.ffi_call(TARGET, shape))


def through_temporary(size_bytes):
    """As `unwritten`, but the buffer is a temporary inside a program, copied out reversed."""
    import jax

    _register()
    shape = jax.ShapeDtypeStruct((size_bytes,), jax.numpy.uint8)
    return jax.jit(lambda: jax.ffi.ffi_call(TARGET, shape)()[::-1])


def filling(array):
    """The byte that fills an array, as two hex digits, or `mixed`."""
    import numpy

    found = numpy.unique(numpy.asarray(array))
    return "%02x" % found[0] if len(found) == 1 else "mixed"


def canaries():
    """
    The unwritten contents of each class of XLA's buffers: fresh, recycled by a second call, temporary.

    Empty on backends other than the CPU, and in releases without `jax.ffi` (before 0.5), where there is no canary.
    """
    import jax

    if jax.default_backend() != "cpu" or importlib.util.find_spec("jax.ffi") is None:
        return {}
    seen = {}
    for name, size_bytes in CANARIES_BYTES.items():
        run = unwritten(size_bytes)
        seen[name] = filling(run())
        seen["%s, recycled" % name] = filling(run())
    seen["temporary"] = filling(through_temporary(CANARIES_BYTES["medium"])())
    return seen
