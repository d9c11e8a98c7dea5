"""Several devices in one process: TensorFlow can split its CPU into logical devices only before it starts."""

from __future__ import annotations

from ..declare import NotApplicable

PIECES = 4


def several():
    """
    Names of at least two devices: the GPUs, or logical devices of the CPU. This cannot be undone, so callers isolate.

    Raises NotApplicable when a set-up file has already started TensorFlow on one CPU.
    """
    import tensorflow as tf

    gpus = tf.config.list_logical_devices("GPU") if tf.config.list_physical_devices("GPU") else []
    if len(gpus) > 1:
        return [device.name for device in gpus]
    cpu = tf.config.list_physical_devices("CPU")[0]
    try:
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * PIECES)
    except RuntimeError as late:
        raise NotApplicable(
            "one CPU, and the set-up file started TensorFlow before the CPU could be split: %s" % late
        ) from None
    return [device.name for device in tf.config.list_logical_devices("CPU")]
