"""Several host devices in one process: JAX accepts their number only before its first computation."""

from __future__ import annotations

import contextlib
import os

from ..declare import NotApplicable

HOST_DEVICES = 8


def host_devices():
    """
    At least two devices: those of the machine, or HOST_DEVICES logical devices of its CPU.

    For checks that isolate, because the number cannot be changed back. Raises NotApplicable if there is one device and
    a set-up file has already computed.
    """
    import jax

    if "jax_num_cpu_devices" in jax.config.values:
        with contextlib.suppress(RuntimeError):  # too late: use the devices that exist, or raise below
            jax.config.update("jax_num_cpu_devices", HOST_DEVICES)
    else:
        _split_by_flag()
    devices = jax.devices() if len(jax.devices()) > 1 else jax.devices("cpu")  # one GPU: use logical CPU devices
    if len(devices) < 2:
        raise NotApplicable("one device, and the set-up file computed before the CPU could be split")
    return devices


def _split_by_flag():
    """For releases before that setting (jax 0.5): XLA's flag, which it reads when the first device is asked for."""
    import jax

    before = os.environ.get("XLA_FLAGS")
    os.environ["XLA_FLAGS"] = ("%s --xla_force_host_platform_device_count=%d" % (before or "", HOST_DEVICES)).strip()
    try:
        jax.devices("cpu")
    finally:
        if before is None:
            del os.environ["XLA_FLAGS"]
        else:
            os.environ["XLA_FLAGS"] = before


def sharded(devices):
    """The sharding of the first axis over these devices."""
    import jax
    import numpy

    return jax.sharding.NamedSharding(
        jax.sharding.Mesh(numpy.array(devices), ("rows",)), jax.sharding.PartitionSpec("rows")
    )
