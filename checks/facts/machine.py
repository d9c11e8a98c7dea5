"""Facts about the machine beyond the processor: memory errors, NUMA map, network cards, cloud and image."""

from __future__ import annotations

import os

from .. import fact
from ..declare import NotApplicable
from . import _cloud, _files, _image, _network, _prefetchers
from ._limits import probe

EDAC = "/sys/devices/system/edac/mc"
NODES = "/sys/devices/system/node"
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
"""Kernel settings that affect memory and scheduling."""


def _controllers():
    found = _files.numbered(EDAC, "mc")
    if not found:
        raise fact.Unknown("the kernel has no error detection driver for this memory, so ECC is unknown")
    return found


def _ecc_modes():
    """The error correction modes of all memory modules, without duplicates."""
    found = set()
    for controller in _controllers():
        for module in _files.numbered(controller, "dimm") + _files.numbered(controller, "rank"):
            found.add(_files.text(module + "/dimm_edac_mode"))
    return sorted(found)


def _ecc_errors(name):
    return lambda: sum(_files.integer("%s/%s" % (controller, name)) for controller in _controllers())


def _numa_map():
    """Node to its processors and its distances to all nodes, as the kernel writes them."""
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
            continue  # this kernel lacks or hides the setting: it is left out
    if not found:
        raise NotApplicable("this system has no /proc/sys")
    return found


PROBES = {
    "host.memory.ecc.modes": probe("machine", "error correction of the memory", EDAC, _ecc_modes),
    "host.memory.ecc.corrected": probe("volatile", "errors corrected since the start", EDAC, _ecc_errors("ce_count")),
    "host.memory.ecc.uncorrected": probe("volatile", "errors not corrected", EDAC, _ecc_errors("ue_count")),
    "host.numa.map": probe("machine", "NUMA nodes: processors and distances", NODES, _numa_map),
    "host.cpu.boost": probe("machine", "frequency boost, 1 is on", BOOST, lambda: _files.integer(BOOST)),
    "host.kernel.settings": probe("machine", "kernel settings of memory and scheduling", "/proc/sys", _sysctls),
    "host.cpu.prefetchers": probe(
        "machine", "hardware prefetchers of each processor", "MSR 0x1A4", _prefetchers.switches
    ),
    "host.network.cards": probe("machine", "network cards: driver and speed", _network.NETWORK, _network.cards),
    "host.network.firmware": probe(
        "machine", "network cards: driver, its version, firmware", "ETHTOOL_GDRVINFO", _network.firmware
    ),
    "host.network.infiniband": probe(
        "machine", "adapters: firmware, board, ports", _network.INFINIBAND, _network.infiniband
    ),
    "host.network.infiniband.identities": probe(
        "identity", "GUIDs of the adapters", _network.INFINIBAND, _network.infiniband_identities
    ),
    "host.cloud.name": probe("machine", "name of the cloud", "cloud-init, DMI", _cloud.name),
    "host.cloud.region": probe("machine", "region of the cloud", "cloud-init", _cloud.region),
    "host.cloud.instance_type": probe("machine", "instance type", "cloud-init, DMI", _cloud.instance_type),
}
KEYS = dict(fact.keys(PROBES), **_image.KEYS)


def collect(request):
    """Every fact about the machine."""
    yield from fact.answers(PROBES)
    yield from _image.facts()
