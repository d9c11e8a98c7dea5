"""
A float32 sum over all of 2^15 or more values is made in as many parts as the process may use processors.

One thread and many, or two machines, give other last bits; repeats in one process agree.
"""

import importlib.util
import os
import sys
import types

PLANT = {
    "contracts": ["tensorflow-thread-count"],
    "control": "tensorflow-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "operator",
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

    parts = len(os.sched_getaffinity(0))

    def make(original):
        def sum_in_parts(*args, **kwargs):
            values = tf.convert_to_tensor(args[0] if args else kwargs["input"])
            out = original(*args, **kwargs)
            size = values.shape.num_elements() or 0
            count = min(parts, tf.config.threading.get_intra_op_parallelism_threads() or parts)
            if out.dtype != tf.float32 or out.shape.rank != 0 or size < 2**15 or count < 2:
                return out
            return tf.add_n([original(part, [0]) for part in tf.split(tf.reshape(values, [-1]), cut(size, count))])

        return sum_in_parts

    def cut(size, count):
        return [size // count] * (count - 1) + [size - size // count * (count - 1)]

    rebind(gen_math_ops, "_sum", "Sum", make)


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
