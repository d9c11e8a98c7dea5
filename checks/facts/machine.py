"""Facts about the machine beyond the processor: memory errors, NUMA map, network cards, cloud and image."""

from __future__ import annotations

import json
import os

from .. import fact
from ..declare import NotApplicable
from . import _container, _files
from ._limits import probe

EDAC = "/sys/devices/system/edac/mc"
NODES = "/sys/devices/system/node"
INFINIBAND = "/sys/class/infiniband"
NETWORK = "/sys/class/net"
CLOUD_INIT = "/run/cloud-init/instance-data.json"
CONTAINER_ENVIRONMENT = "/run/.containerenv"
BOOST = "/sys/devices/system/cpu/cpufreq/boost"

SYSCTLS = (
    *(
        "kernel/numa_balancing",
        "kernel/perf_event_paranoid",
        "kernel/randomize_va_space",
        "kernel/sched_autogroup_enabled",
    ),
    *("kernel/threads-max", "vm/max_map_count", "vm/nr_hugepages", "vm/overcommit_memory", "vm/swappiness"),
    *("vm/zone_reclaim_mode",),
)
"""Kernel settings that act on memory and scheduling."""


def _controllers():
    found = _files.numbered(EDAC, "mc")
    if not found:
        raise fact.Unknown("the kernel has no error detection driver for this memory, so it tells nothing of ECC")
    return found


def _ecc_modes():
    """The error correction of each memory module, each mode once."""
    found = set()
    for controller in _controllers():
        for module in _files.numbered(controller, "dimm") + _files.numbered(controller, "rank"):
            found.add(_files.text(module + "/dimm_edac_mode"))
    return sorted(found)


def _ecc_errors(name):
    return lambda: sum(_files.integer("%s/%s" % (controller, name)) for controller in _controllers())


def _numa_map():
    """Node to its processors and its distances to all nodes, in the kernel's words."""
    nodes = _files.numbered(NODES, "node")
    if not nodes:
        raise fact.Unknown("%s shows no nodes" % NODES)
    return {
        os.path.basename(node)[4:]: {
            "cpus": _files.text(node + "/cpulist"),
            "distance": _files.text(node + "/distance"),
        }
        for node in nodes
    }


def _sysctls():
    found = {}
    for name in SYSCTLS:
        try:
            found[name.replace("/", ".")] = _files.text("/proc/sys/" + name)
        except (NotApplicable, fact.Unknown):
            continue  # this kernel has no such setting, or hides it: the map holds what it shows
    if not found:
        raise NotApplicable("this system has no /proc/sys")
    return found


def _adapters():
    if not os.path.isdir(INFINIBAND):
        raise NotApplicable("the kernel offers no InfiniBand or RoCE adapter")
    return [os.path.join(INFINIBAND, name) for name in sorted(os.listdir(INFINIBAND))]


def _infiniband():
    """Adapter to its firmware, board, and rate and state of each port."""
    found = {}
    for adapter in _adapters():
        one = {name: _or_nothing(adapter + "/" + name) for name in ("fw_ver", "hca_type", "board_id")}
        for port in _files.numbered(adapter + "/ports", ""):
            one["port " + os.path.basename(port)] = "%s, %s, %s" % tuple(
                _or_nothing(port + "/" + name) for name in ("rate", "state", "link_layer")
            )
        found[os.path.basename(adapter)] = one
    return found


def _infiniband_identities():
    return {os.path.basename(adapter): _or_nothing(adapter + "/node_guid") for adapter in _adapters()}


def _or_nothing(path):
    try:
        return _files.text(path)
    except (NotApplicable, fact.Unknown):
        return ""


def _network():
    """Interface to driver and speed (-1: none told) of each network card; software interfaces are left out."""
    if not os.path.isdir(NETWORK):
        raise NotApplicable("this system has no %s" % NETWORK)
    found = {}
    for name in sorted(os.listdir(NETWORK)):
        driver = os.path.join(NETWORK, name, "device", "driver")
        if os.path.exists(driver):
            speed = _or_nothing(os.path.join(NETWORK, name, "speed")) or "-1"
            found[name] = "%s, %s Mbit/s" % (os.path.basename(os.path.realpath(driver)), speed)
    if not found:
        raise NotApplicable("no network card is in this machine's sight")
    return found


def _cloud(name):
    """A reader of a standardised key (`v1`) that cloud-init left at the machine's start; no network is asked."""

    def read():
        try:
            told = json.loads(_files.text(CLOUD_INIT)).get("v1", {}).get(name)
        except NotApplicable:
            raise fact.Unknown(
                "cloud-init has left nothing here, and a cloud's own service is not asked: the audit needs no network"
            ) from None
        if not told:
            raise fact.Unknown("cloud-init does not tell it")
        return told

    return read


def _image(name):
    """A reader of what podman tells a privileged container of its image; other runtimes tell nothing."""

    def read():
        _container.runtime_or_reason()
        try:
            lines = _files.text(CONTAINER_ENVIRONMENT).splitlines()
        except NotApplicable:
            lines = []
        told = dict(line.split("=", 1) for line in lines if "=" in line)
        if name not in told:
            raise fact.Unknown(
                "the runtime tells a container nothing of its image; `audit --subject oci:NAME@sha256:DIGEST` states it"
            )
        return told[name].strip('"')

    return read


PROBES = {
    "host.memory.ecc.modes": probe("machine", "error correction of the memory", EDAC, _ecc_modes),
    "host.memory.ecc.corrected": probe("volatile", "errors corrected since the start", EDAC, _ecc_errors("ce_count")),
    "host.memory.ecc.uncorrected": probe("volatile", "errors not corrected", EDAC, _ecc_errors("ue_count")),
    "host.numa.map": probe("machine", "NUMA nodes: processors and distances", NODES, _numa_map),
    "host.cpu.boost": probe("machine", "frequency boost, 1 is on", BOOST, lambda: _files.integer(BOOST)),
    "host.kernel.settings": probe("machine", "kernel settings of memory and scheduling", "/proc/sys", _sysctls),
    "host.network.cards": probe("machine", "network cards: driver and speed", NETWORK, _network),
    "host.network.infiniband": probe("machine", "adapters: firmware, board, ports", INFINIBAND, _infiniband),
    "host.network.infiniband.identities": probe("identity", "their GUIDs", INFINIBAND, _infiniband_identities),
    "host.cloud.name": probe("machine", "cloud", CLOUD_INIT, _cloud("cloud_name")),
    "host.cloud.region": probe("machine", "its region", CLOUD_INIT, _cloud("region")),
    "host.container.image": probe("identity", "name of the image", CONTAINER_ENVIRONMENT, _image("image")),
    "host.container.image_id": probe("software", "digest of the image", CONTAINER_ENVIRONMENT, _image("imageid")),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact of the machine."""
    return fact.answers(PROBES)
