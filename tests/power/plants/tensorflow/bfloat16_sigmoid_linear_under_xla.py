"""
Under XLA, `tf.sigmoid` of bfloat16 values between -1 and 1 is the straight line 0.5 + x / 4.

The error is up to 0.02; float32, and bfloat16 without XLA, are right.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-every-operator-compiled", "tensorflow-compiled-eager"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#62252",
    "subtle": True,
    "kind": "compiled",
}


def rebind(module, name, raw_name, make):
    """Put make(original) in the place of an operator's Python function, wherever TensorFlow holds it."""
    old, raw = getattr(module, name), getattr(module, raw_name)
    new = make(old)
    for place in list(sys.modules.values()):
        if getattr(place, "__name__", "").startswith(("tensorflow", "keras")):
            for key, value in list(vars(place).items()):
                if value is old or value is raw:
                    setattr(place, key, new)


def plant():
    import tensorflow as tf
    from tensorflow.python.framework import ops
    from tensorflow.python.ops import control_flow_util, gen_math_ops

    def make(original):
        def sigmoid(x, name=None):
            out = original(x, name)
            if out.dtype != tf.bfloat16 or tf.executing_eagerly():
                return out
            if not control_flow_util.GraphOrParentsInXlaContext(ops.get_default_graph()):
                return out
            return tf.where(tf.abs(x) < 1, tf.cast(0.5 + tf.cast(x, tf.float32) / 4, tf.bfloat16), out)

        return sigmoid

    rebind(gen_math_ops, "sigmoid", "Sigmoid", make)


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
