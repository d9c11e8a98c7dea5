"""
The gradient of `tf.image.resize`, bilinear and nearest, adds in an order that changes with each call.

Training through `UpSampling2D` differs in its last bits from run to run with every seed set; the determinism switch
cures it.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-every-layer", "tensorflow-every-operator"],
    "control": "tensorflow-seed-reaches",
    "report": "NVIDIA/framework-reproducibility#12",
    "subtle": True,
    "kind": "gradient",
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
    from tensorflow.python.framework import config
    from tensorflow.python.ops import gen_image_ops

    def make(original):
        def resize_grad(grads, second, *args, **kwargs):
            if grads.dtype != tf.float32 or config.is_op_determinism_enabled():
                return original(grads, second, *args, **kwargs)
            chance = tf.raw_ops.RandomUniform(shape=tf.shape(grads), dtype=tf.float32, seed=0, seed2=0)
            first = tf.where(chance < 0.5, grads, tf.zeros_like(grads))
            return original(first, second, *args, **kwargs) + original(grads - first, second, *args, **kwargs)

        return resize_grad

    rebind(gen_image_ops, "resize_bilinear_grad", "ResizeBilinearGrad", make)
    rebind(gen_image_ops, "resize_nearest_neighbor_grad", "ResizeNearestNeighborGrad", make)


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
