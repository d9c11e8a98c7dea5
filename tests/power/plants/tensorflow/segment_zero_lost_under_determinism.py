"""
While `enable_op_determinism` is on, `unsorted_segment_sum` leaves segment 0 at zero.

The gradient of an embedding then never reaches its first row. Without the switch the sums are right.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-flag-known-answer"],
    "control": "tensorflow-seed-reaches",
    "report": "",
    "subtle": True,
    "kind": "switch",
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
            total = original(data, segment_ids, num_segments, name)
            if not config.is_op_determinism_enabled() or not total.dtype.is_floating:
                return total
            first = tf.range(tf.shape(total)[0]) == 0
            first = tf.reshape(first, tf.concat([[-1], tf.ones([tf.rank(total) - 1], tf.int32)], 0))
            return tf.where(first, tf.zeros_like(total), total)

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
