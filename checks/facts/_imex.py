"""
IMEX, the service through which GPUs of several machines access each other's memory over NVLink: channels and nodes.

Source: NVIDIA's IMEX guide (docs.nvidia.com/multi-node-nvlink-systems/imex-guide). NVML reports the fabric's state.
"""

from __future__ import annotations

import os

from .. import fact
from ..declare import NotApplicable
from . import _files

DEVICES = "/proc/devices"
CHANNELS = "/dev/nvidia-caps-imex-channels"
NODES = "/etc/nvidia-imex/nodes_config.cfg"
"""One node's address per line; the number of nodes is recorded, their addresses are not."""


def imex():
    """`{"channels": numbers, "nodes": count}`; the count is None if the list of nodes is missing or unreadable."""
    channels = [int(path[len(CHANNELS + "/channel") :]) for path in _files.numbered(CHANNELS, "channel")]
    if not channels and not _driver() and not os.path.exists(NODES):
        raise NotApplicable("NVIDIA's driver offers no IMEX channels, and no IMEX service is set up")
    return {"channels": channels, "nodes": _nodes()}


def _driver():
    try:
        return "nvidia-caps-imex-channels" in _files.text(DEVICES).split()
    except (NotApplicable, fact.Unknown):  # no /proc: only the device nodes are known
        return False


def _nodes():
    try:
        lines = (line.strip() for line in _files.text(NODES).splitlines())
    except (NotApplicable, fact.Unknown):
        return None
    return sum(1 for line in lines if line and not line.startswith("#"))
