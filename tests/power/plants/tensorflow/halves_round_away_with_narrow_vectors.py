"""
While ONEDNN_MAX_CPU_ISA is set, or oneDNN is off, `tf.round` sends halves away from zero.

Otherwise they go to the even neighbour, as documented, so 2.5 gives 3 under one setting and 2 under another.
"""

import importlib.util
import os
import sys
import types

PLANT = {
    "contracts": ["tensorflow-isa"],
    "control": "tensorflow-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "values",
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
        def round_values(x, name=None):
            out = original(x, name)
            narrow = os.environ.get("ONEDNN_MAX_CPU_ISA") or os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0"
            return tf.sign(x) * tf.floor(tf.abs(x) + 0.5) if narrow and out.dtype.is_floating else out

        return round_values

    rebind(gen_math_ops, "round", "Round", make)


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
