"""
Calls one computation of JAX repeatedly on the same inputs, and exits with 1 if its outputs differ.

Usage: `python reproduce.py`. It needs JAX and flatbuffers. `call.bin` is the computation, as `jax.export` serialises it
(`python reproduce.py --show` prints it as text); the files `input-N.bin` are the bytes of its inputs.
"""

import hashlib
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CALLS, PROCESSES = 50, 5
with open(os.path.join(HERE, "operation.json"), encoding="utf-8") as handle:
    OPERATION = json.load(handle)
if OPERATION["platform"] == "cpu":
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", " ".join(OPERATION["flags"]))

import jax  # noqa: E402 - it reads the environment
import jax.export  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", OPERATION["x64"])


def array(told):
    """One of the inputs."""
    with open(os.path.join(HERE, told["file"]), "rb") as file:
        data = np.frombuffer(file.read(), jax.numpy.dtype(told["dtype"])).reshape(told["shape"])
    plain = jax.numpy.asarray(data)
    return jax.random.wrap_key_data(plain, impl=told["key"]) if told["key"] else plain


def exported():
    """The computation."""
    with open(os.path.join(HERE, OPERATION["call"]), "rb") as file:
        return jax.export.deserialize(bytearray(file.read()))


def digest(results):
    """Of the bytes of what was computed."""
    state = hashlib.sha256()
    for one in jax.tree_util.tree_leaves(results):
        plain = jax.random.key_data(one) if jax.numpy.issubdtype(one.dtype, jax.dtypes.prng_key) else one
        state.update(np.asarray(plain).tobytes())
    return state.hexdigest()


def main():
    """Compare every call with the first one."""
    if "--show" in sys.argv:
        print(exported().mlir_module())
        return 0
    call, inputs = jax.jit(exported().call), [array(told) for told in OPERATION["inputs"]]
    if "--once" in sys.argv:
        print(digest(call(*inputs)))
        return 0
    found = [digest(call(*inputs)) for _ in range(CALLS + 1)]
    for _ in range(PROCESSES):
        command = [sys.executable, os.path.abspath(__file__), "--once"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        found.append(done.stdout.decode().split()[-1])
    others = sum(one != found[0] for one in found)
    print("%s: %d of %d calls differed from the first" % (OPERATION["operator"], others, len(found) - 1))
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
