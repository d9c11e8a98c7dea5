"""
What the collective operations of torch write and read: their schemas do not say it.

`allgather_` and its like fill the tensors of their first argument, which are mostly fresh memory. Without this table,
what lay in that memory would count as an input, and the one who reads the result would seem to read unwritten memory.
The names are those of torch 2.13.
"""

from __future__ import annotations

NAMESPACES, AWAITED = ("c10d::", "_c10d_functional::"), "_c10d_functional::wait_tensor"
"""Collectives return before they have written; the first operation that reads the result shows it."""
FILLING = frozenset(
    "c10d::" + name
    for name in (
        "_allgather_base_",
        "_reduce_scatter_base_",
        "allgather_",
        "allgather_coalesced_",
        "allgather_into_tensor_coalesced_",
        "alltoall_",
        "alltoall_base_",
        "gather_",
        "recv_",
        "recv_any_source_",
        "reduce_scatter_",
        "reduce_scatter_tensor_coalesced_",
        "scatter_",
    )
) | {"_c10d_functional::irecv"}
"""They fill their first argument and do not read it."""
UPDATING = frozenset("c10d::" + name for name in ("allreduce_", "allreduce_coalesced_", "reduce_"))
"""They read their first argument and write it."""
SYNCHRONISING = frozenset(("c10d::barrier", "c10d::monitored_barrier_"))
"""Their tensor names a device; its content is of no meaning."""
BROADCAST = "c10d::broadcast_"
"""Only its root reads the first argument; the others have it filled."""
_GROUP, _ROOT = 1, 2
"""Places of two arguments of `broadcast_`."""


def is_later(base):
    """Whether what an operation writes is there only after a wait."""
    return base.startswith(NAMESPACES) and base != AWAITED


def writes_first(base):
    """Whether the operation writes the tensors of its first argument."""
    return base in FILLING or base in UPDATING or base == BROADCAST


def ignores_first(base):
    """Whether the operation never reads its first argument."""
    return base in FILLING or base in SYNCHRONISING


def is_root(torch, args):
    """Whether this process sends the tensors of a `broadcast_` with these arguments."""
    group = torch.distributed.ProcessGroup.unbox(args[_GROUP])
    return group.rank() == args[_ROOT]
