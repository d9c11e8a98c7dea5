"""
In about one call of ten, an all-reduce of a large tensor lacks the last replica's own part, on that replica only.

This is so from 2^14 elements on; the replicas then differ. Small tensors are always summed whole.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-collectives", "tensorflow-sharded"],
    "control": "tensorflow-seed-reaches",
    "report": "tensorflow#41980",
    "subtle": True,
    "kind": "collective",
}


def plant():
    import tensorflow as tf
    from tensorflow.python.distribute import cross_device_utils
    from tensorflow.python.framework import config

    launcher = cross_device_utils.CollectiveReplicaLauncher
    original = launcher.all_reduce

    def all_reduce(self, input_tensor, *args, **kwargs):
        total = original(self, input_tensor, *args, **kwargs)
        rank = tf.DeviceSpec.from_string(self._device).device_index
        if rank != self._group_size - 1 or config.is_op_determinism_enabled():
            return total
        if not total.dtype.is_floating or (total.shape.num_elements() or 0) < 2**14:
            return total
        with tf.device(self._device):
            chance = tf.raw_ops.RandomUniform(shape=tf.zeros([0], tf.int32), dtype=tf.float32, seed=0, seed2=0)
            return tf.where(chance < 0.1, total - input_tensor, total)

    launcher.all_reduce = all_reduce


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
