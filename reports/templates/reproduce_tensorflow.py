"""
Calls one operation of TensorFlow repeatedly on the same inputs, and exits with 1 if its outputs differ.

Usage: `python reproduce.py`. It needs TensorFlow alone. `operation.json` names the operation and its attributes; the
files `input-N.bin` are the bytes of its inputs. A variable starts with its value after the recorded run.
"""

import hashlib
import json
import os
import subprocess
import sys

import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
CALLS, PROCESSES = 50, 5
with open(os.path.join(HERE, "operation.json"), encoding="utf-8") as handle:
    OPERATION = json.load(handle)


def tensor(told):
    """A new tensor of the inputs: the operation may change it."""
    with open(os.path.join(HERE, told["file"]), "rb") as file:
        data = file.read()
    dtype = tf.dtypes.as_dtype(told["dtype"])
    plain = tf.io.decode_raw(data, tf.uint8 if dtype is tf.bool else dtype)
    plain = tf.reshape(tf.cast(plain, dtype), told["shape"])
    return tf.Variable(plain) if told["variable"] else plain


def call():
    """Call the operation; return the digest of its outputs and of its variables afterwards."""
    inputs = [tensor(told) for told in OPERATION["inputs"]]
    given = [one.handle if isinstance(one, tf.Variable) else one for one in inputs]
    arguments = {}
    for name, size in OPERATION["arguments"]:
        arguments[name] = given.pop(0) if size is None else [given.pop(0) for _ in range(size)]
    result = getattr(tf.raw_ops, OPERATION["operator"])(**arguments, **OPERATION["attributes"])
    state = hashlib.sha256()
    for one in [*flat(result), *(one for one in inputs if isinstance(one, tf.Variable))]:
        state.update(one.numpy().tobytes())
    return state.hexdigest()


def flat(result):
    """The tensors in what an operation gives."""
    if isinstance(result, (list, tuple)):
        return [one for part in result for one in flat(part)]
    return [result] if isinstance(result, tf.Tensor) else []


def main():
    """Compare every call with the first one."""
    if "--once" in sys.argv:
        print(call())
        return 0
    found = [call()]
    if not OPERATION["draws"]:  # a generator goes on from call to call: only the first of a process counts
        found += [call() for _ in range(CALLS)]
    for _ in range(PROCESSES):
        command = [sys.executable, os.path.abspath(__file__), "--once"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        found.append(done.stdout.decode().split()[-1])
    others = sum(one != found[0] for one in found)
    print("tf.%s: %d of %d calls differed from the first" % (OPERATION["operator"], others, len(found) - 1))
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
