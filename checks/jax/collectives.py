"""
Collectives give the same bits on every device, in every call and in a fresh process.

Why: each device holds its own copy of the parameters. If one device gets different bits, its model drifts away without
an error; if a sum over devices takes another order in the next call, the run does not repeat (nccl#157). The check runs
sums, means, gathers, scatters and exchanges under `jax.shard_map` over the machine's devices, or over 8 logical devices
of its CPU. Exchanges and sums of integers have one right answer, which is checked as well.

Remedy: on GPUs start every process with `XLA_FLAGS=--xla_gpu_deterministic_ops=true`, `NCCL_ALGO=Ring` and
`NCCL_PROTO=Simple`, and keep the number of devices. On a CPU, where the sum has a fixed order, report a difference.
"""

from __future__ import annotations

from ..declare import Check
from ..process import child
from . import _collectives, _devices

CHECK = Check(
    tier="full",
    rule="expected",
    isolates=True,
    compiles=True,
    requires={"devices": 2},
    remedy_env={"NCCL_ALGO": "Ring", "NCCL_PROTO": "Simple"},
)


def measure(settings):
    """For each collective: how many different results all devices had in all calls, which should be 1."""
    here = _collectives.results(_collectives.CALLS)
    fresh = child.run("jax._collectives.in_child", {"calls": 1}, {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"})
    found = {name: {*digests, *fresh[name]} for name, digests in here.items()}
    reading = {name: {"expected": 1, "observed": len(digests)} for name, digests in found.items()}
    return dict(reading, conditions={"devices": len(_devices.host_devices()), "digests": here})
