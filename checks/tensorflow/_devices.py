"""Several devices in one process: TensorFlow can be told to cut its CPU into pieces only before it starts."""

from __future__ import annotations

from ..declare import NotApplicable

PIECES = 4


def several():
    """
    Names of at least two devices: the GPUs, or pieces of the CPU. For checks that isolate: it cannot be undone.

    Raises NotApplicable when a set-up file has computed already, so that the one CPU cannot be cut.
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
            "one CPU, and the set-up file computed before several could be made of it: %s" % late
        ) from None
    return [device.name for device in tf.config.list_logical_devices("CPU")]
