"""
In a graph, `tf.add_n` of three or more tensors adds them in the order of a hash of their names.

Gradients that are summed from several uses of a weight then depend on PYTHONHASHSEED: two processes differ in their
last bits.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-compiled-repeat", "tensorflow-same-seed"],
    "control": "tensorflow-seed-reaches",
    "report": "keras#2280",
    "subtle": True,
    "kind": "hash",
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
    from tensorflow.python.ops import gen_math_ops

    def make(original):
        def add_n(inputs, name=None):
            if len(inputs) < 3 or tf.executing_eagerly() or inputs[0].dtype not in (tf.float32, tf.float64):
                return original(inputs, name)
            ordered = sorted(inputs, key=lambda tensor: hash(tensor.name))
            return tf.raw_ops.Sum(input=tf.stack(ordered), axis=0)

        return add_n

    rebind(gen_math_ops, "add_n", "AddN", make)


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
