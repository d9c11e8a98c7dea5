"""Several host devices in one process: JAX can be told how many only before its first computation."""

from __future__ import annotations

import contextlib

from ..declare import NotApplicable

HOST_DEVICES = 8


def host_devices():
    """
    At least two devices: those of the machine, or HOST_DEVICES pieces of its processor.

    For checks that isolate, since the count cannot be changed back. Raises NotApplicable when there is one device, and
    a set-up file has computed already.
    """
    import jax

    with contextlib.suppress(RuntimeError):  # too late: what is there is used, or the reason given below
        jax.config.update("jax_num_cpu_devices", HOST_DEVICES)
    devices = jax.devices() if len(jax.devices()) > 1 else jax.devices("cpu")  # one GPU: the processor's pieces
    if len(devices) < 2:
        raise NotApplicable("one device, and the set-up file computed before several could be made of the processor")
    return devices


def sharded(devices):
    """The sharding of a first axis over these devices."""
    import jax
    import numpy

    return jax.sharding.NamedSharding(jax.sharding.Mesh(numpy.array(devices), ("rows",)), jax.P("rows"))
