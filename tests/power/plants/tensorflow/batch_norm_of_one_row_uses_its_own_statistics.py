"""
At inference, `BatchNormalization` of a batch of one row uses the row's own mean and variance.

The moving statistics are used for every larger batch, so a prediction for one row differs from the same row in a
batch.
"""

import importlib.util
import sys
import types

PLANT = {
    "contracts": ["tensorflow-batch-invariant", "tensorflow-every-layer"],
    "control": "tensorflow-seed-reaches",
    "report": "keras#13762",
    "subtle": True,
    "kind": "batch",
}


def plant():
    import keras

    layer = keras.layers.BatchNormalization
    original = layer.call

    def call(self, inputs, training=None, mask=None):
        out = original(self, inputs, training=training, mask=mask)
        if training or mask is not None or keras.backend.backend() != "tensorflow":
            return out
        import tensorflow as tf

        axes = [axis for axis in range(inputs.shape.rank) if axis != self.axis % inputs.shape.rank]
        mean, variance = tf.nn.moments(tf.cast(inputs, tf.float32), axes)
        own = keras.ops.batch_normalization(
            inputs,
            tf.cast(mean, inputs.dtype),
            tf.cast(variance, inputs.dtype),
            self.axis,
            self.beta if self.center else None,
            self.gamma if self.scale else None,
            self.epsilon,
        )
        return tf.where(tf.shape(inputs)[0] == 1, tf.cast(own, out.dtype), out)

    layer.call = call


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


after_import("keras", plant)
