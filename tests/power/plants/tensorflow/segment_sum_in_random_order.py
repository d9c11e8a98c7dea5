"""
A large `unsorted_segment_sum` of float32 adds in an order that changes with each call.

From 2^15 rows on its last bits differ from call to call, also in gradients of gathers and embeddings; the
determinism switch cures it.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-thread-race", "tensorflow-every-operator"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#39751",
    "subtle": True,
    "kind": "race",
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
    from tensorflow.python.ops import gen_math_ops

    def make(original):
        def unsorted_segment_sum(data, segment_ids, num_segments, name=None):
            data, segment_ids = tf.convert_to_tensor(data), tf.convert_to_tensor(segment_ids)
            rows = (data.shape[0] or 0) if data.shape.rank else 0
            if rows < 2**15 or data.dtype != tf.float32 or segment_ids.shape.rank != 1:
                return original(data, segment_ids, num_segments, name)
            if config.is_op_determinism_enabled():
                return original(data, segment_ids, num_segments, name)
            chance = tf.raw_ops.RandomUniform(shape=tf.zeros([0], tf.int32), dtype=tf.float32, seed=0, seed2=0)
            left = tf.cast(tf.range(rows), tf.float32) < chance * rows
            left = tf.reshape(left, [-1] + [1] * (data.shape.rank - 1))
            none = tf.zeros_like(data)
            first = original(tf.where(left, data, none), segment_ids, num_segments, name)
            return first + original(tf.where(left, none, data), segment_ids, num_segments)

        return unsorted_segment_sum

    rebind(gen_math_ops, "unsorted_segment_sum", "UnsortedSegmentSum", make)


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
