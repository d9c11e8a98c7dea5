"""
The gradient of `tf.exp` takes the value of exp for a constant.

First derivatives are right; second ones miss a term: the second derivative of exp itself is zero.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-transforms"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#41125",
    "subtle": True,
    "kind": "gradient",
}


def plant():
    import tensorflow as tf
    from tensorflow.python.framework import ops

    def gradient(op, grad):
        return grad * tf.math.conj(tf.stop_gradient(op.outputs[0]))

    ops.gradient_registry._registry["Exp"]["type"] = gradient


def after_import(name, action):
    """Act once the package has been imported, at once if it is there; do nothing where it is absent."""
    busy = []

    def find(fullname, *_):
        if fullname != name or busy:
            return None
        busy.append(True)
        spec = importlib.util.find_spec(name)
        busy.clear()
        run = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (run(module), action())[0]
        return spec

    if name in sys.modules:
        action()
    elif importlib.util.find_spec(name) is not None:
        sys.meta_path.insert(0, types.SimpleNamespace(find_spec=find))


after_import("tensorflow", plant)
