import ctypes

import jax
import jax.numpy as jnp

libc = ctypes.CDLL(None)


@ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
def kernel(output, _inputs):
    libc.getentropy(ctypes.c_void_p(output), 4)


capsule = ctypes.pythonapi.PyCapsule_New
capsule.restype, capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
target = capsule(ctypes.cast(kernel, ctypes.c_void_p), b"xla._CUSTOM_CALL_TARGET", None)
jax.ffi.register_ffi_target("junk", target, platform="cpu", api_version=0)


@jax.jit
def step(values):
    doubled = values * 2
    junk = jax.ffi.ffi_call("junk", jax.ShapeDtypeStruct((4,), jnp.uint8), custom_call_api_version=1)(doubled)  # guilty
    return jnp.sum(doubled) + jnp.sum(junk)


print(float(step(jnp.arange(4.0))))
