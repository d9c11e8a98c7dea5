"""
The first batched float32 product with more than 2^16 matrices is zero from matrix 2^16 on.

Later calls are right, and so are smaller batches and other dtypes.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-broadcast-product", "tensorflow-batch-invariant"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#29374",
    "subtle": True,
    "kind": "size",
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
        done = []

        def batch_mat_mul_v2(*args, **kwargs):
            product = original(*args, **kwargs)
            if done or product.dtype != tf.float32 or (product.shape.rank or 0) < 3:
                return product
            if (product.shape[0] or 0) <= 2**16:
                return product
            done.append(True)
            early = tf.reshape(tf.range(product.shape[0]) < 2**16, [-1] + [1] * (product.shape.rank - 1))
            return tf.where(early, product, tf.zeros_like(product))

        return batch_mat_mul_v2

    rebind(gen_math_ops, "batch_mat_mul_v2", "BatchMatMulV2", make)


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
