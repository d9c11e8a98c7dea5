"""
Long float32 matrix products and wide convolutions round their operands to ten bits of mantissa, as in TF32 mode.

This is so from a contraction of 256 elements on; `tensor_float_32_execution_enabled` makes no difference.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-precision", "tensorflow-batch-invariant"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#127346",
    "subtle": True,
    "kind": "precision",
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
    from tensorflow.python.ops import gen_math_ops, gen_nn_ops

    def tf32(x):
        rounded = tf.bitcast((tf.bitcast(x, tf.int32) + 0x1000) & ~0x1FFF, tf.float32)
        return x + tf.stop_gradient(rounded - x)

    def make_product(original):
        def mat_mul(a, b, *rest, **kwargs):
            a, b = tf.convert_to_tensor(a), tf.convert_to_tensor(b)
            transposed = rest[0] if rest else kwargs.get("transpose_a")
            if a.dtype == tf.float32 and (a.shape[0 if transposed else 1] or 0) >= 256:
                a, b = tf32(a), tf32(b)
            return original(a, b, *rest, **kwargs)

        return mat_mul

    def make_convolution(original):
        def conv2d(*args, **kwargs):
            call = dict(zip(("input", "filter", "strides", "padding"), args, strict=False)) | kwargs
            image, kernel = tf.convert_to_tensor(call.pop("input")), tf.convert_to_tensor(call.pop("filter"))
            if kernel.dtype == tf.float32 and (kernel.shape[:3].num_elements() or 0) >= 256:
                image, kernel = tf32(image), tf32(kernel)
            return original(image, kernel, **call)

        return conv2d

    rebind(gen_math_ops, "mat_mul", "MatMul", make_product)
    rebind(gen_nn_ops, "conv2d", "Conv2D", make_convolution)


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
