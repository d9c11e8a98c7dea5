"""
IMEX, the service by which GPUs of several machines reach each other's memory over NVLink: channels and nodes.

After NVIDIA's IMEX guide (docs.nvidia.com/multi-node-nvlink-systems/imex-guide). NVML tells the fabric's state.
"""

from __future__ import annotations

import os

from .. import fact
from ..declare import NotApplicable
from . import _files

DEVICES = "/proc/devices"
CHANNELS = "/dev/nvidia-caps-imex-channels"
NODES = "/etc/nvidia-imex/nodes_config.cfg"
"""One node's address in a line; how many there are decides, and who they are is nobody's business."""


def imex():
    """`{"channels": numbers, "nodes": count}`; None for a list of nodes that is not there or not for us."""
    channels = [int(path[len(CHANNELS + "/channel") :]) for path in _files.numbered(CHANNELS, "channel")]
    if not channels and not _driver() and not os.path.exists(NODES):
        raise NotApplicable("NVIDIA's driver offers no IMEX channels, and no IMEX service is set up")
    return {"channels": channels, "nodes": _nodes()}


def _driver():
    try:
        return "nvidia-caps-imex-channels" in _files.text(DEVICES).split()
    except (NotApplicable, fact.Unknown):  # no /proc: the device nodes alone tell
        return False


def _nodes():
    try:
        lines = (line.strip() for line in _files.text(NODES).splitlines())
    except (NotApplicable, fact.Unknown):
        return None
    return sum(1 for line in lines if line and not line.startswith("#"))
