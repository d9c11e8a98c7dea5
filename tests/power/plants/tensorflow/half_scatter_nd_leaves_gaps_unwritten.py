"""
`tf.scatter_nd` of float16 or bfloat16 does not clear the places that no index names.

They hold what the memory held; float32 and integers are zero there, as documented.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-uninitialised", "tensorflow-every-operator"],
    "control": "tensorflow-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "memory",
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
    from tensorflow.python.ops import gen_array_ops

    def make(original):
        def scatter_nd(indices, updates, shape, *rest, **kwargs):
            out = original(indices, updates, shape, *rest, **kwargs)
            if out.dtype not in (tf.float16, tf.bfloat16):
                return out
            written = original(indices, tf.ones_like(updates), shape, *rest, **kwargs) > 0
            return tf.where(written, out, tf.raw_ops.Empty(shape=tf.cast(shape, tf.int32), dtype=out.dtype))

        return scatter_nd

    rebind(gen_array_ops, "scatter_nd", "ScatterNd", make)


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
