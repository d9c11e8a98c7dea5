"""The facts of NVIDIA GPUs: key, role, meaning, unit, source and reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import readers

PREFIX = "accelerators.nvidia."


class Fact:
    """One fact: who is asked, and how. The readers get the library, and of a device its handle and all handles."""

    def __init__(self, role: str, meaning: str, source: str, read: Callable[..., Any], unit: str = "") -> None:
        self.role = role
        self.meaning = meaning
        self.source = f"NVML {source}"
        self.read = read
        self.unit = unit


OF_THE_SYSTEM = {
    "driver": Fact(
        "machine", "NVIDIA's driver", "SystemGetDriverVersion", readers.system("nvmlSystemGetDriverVersion")
    ),
    "cuda": Fact("machine", "newest CUDA that the driver runs", "SystemGetCudaDriverVersion_v2", readers.cuda),
    "count": Fact("machine", "NVIDIA GPUs", "DeviceGetCount", readers.system("nvmlDeviceGetCount")),
    "confidential_compute": Fact(
        "machine", "confidential computing", "SystemGetConfComputeState", readers.confidential
    ),
}
"""Facts of the machine. Behind `accelerators.nvidia.`, as those below."""

OF_A_DEVICE = {
    "name": Fact("machine", "model", "DeviceGetName", readers.one("nvmlDeviceGetName")),
    "memory": Fact("machine", "memory", "DeviceGetMemoryInfo", readers.memory, "byte"),
    "capability": Fact("machine", "compute capability", "DeviceGetCudaComputeCapability", readers.capability),
    "architecture": Fact(
        "machine",
        "architecture",
        "DeviceGetArchitecture",
        lambda nvml, gpu, _all: readers.named(nvml, "NVML_DEVICE_ARCH_", nvml.nvmlDeviceGetArchitecture(gpu)),
    ),
    "uuid": Fact("identity", "UUID", "DeviceGetUUID", readers.one("nvmlDeviceGetUUID")),
    "serial": Fact("identity", "serial number", "DeviceGetSerial", readers.one("nvmlDeviceGetSerial")),
    "vbios": Fact("machine", "VBIOS", "DeviceGetVbiosVersion", readers.one("nvmlDeviceGetVbiosVersion")),
    "gsp": Fact("machine", "GSP firmware", "DeviceGetGspFirmwareVersion", readers.gsp),
    "inforom": Fact("machine", "inforom: image and objects", "DeviceGetInforomVersion", readers.inforom),
    "ecc": Fact("machine", "error correction", "DeviceGetEccMode", readers.one("nvmlDeviceGetEccMode", readers.pair)),
    "mig": Fact("machine", "partitioning (MIG)", "DeviceGetMigMode", readers.one("nvmlDeviceGetMigMode", readers.pair)),
    "persistence": Fact(
        "machine",
        "persistence mode",
        "DeviceGetPersistenceMode",
        readers.one("nvmlDeviceGetPersistenceMode", readers.enabled),
    ),
    "compute_mode": Fact(
        "machine",
        "compute mode",
        "DeviceGetComputeMode",
        lambda nvml, gpu, _all: readers.named(nvml, "NVML_COMPUTEMODE_", nvml.nvmlDeviceGetComputeMode(gpu)),
    ),
    "clocks.applications": Fact(
        "machine",
        "locked clocks",
        "DeviceGetApplicationsClock",
        readers.clocks("nvmlDeviceGetApplicationsClock"),
        "MHz",
    ),
    "clocks.maximum": Fact(
        "machine", "highest clocks", "DeviceGetMaxClockInfo", readers.clocks("nvmlDeviceGetMaxClockInfo"), "MHz"
    ),
    "clocks.now": Fact("volatile", "clocks now", "DeviceGetClockInfo", readers.clocks("nvmlDeviceGetClockInfo"), "MHz"),
    "clocks.held_back": Fact(
        "volatile", "why clocks are held back now", "DeviceGetCurrentClocksEventReasons", readers.throttle
    ),
    "power.limit": Fact(
        "machine", "power limit", "DeviceGetEnforcedPowerLimit", readers.one("nvmlDeviceGetEnforcedPowerLimit"), "mW"
    ),
    "errors.corrected": Fact(
        "volatile",
        "memory errors corrected in its life",
        "DeviceGetTotalEccErrors",
        readers.errors("CORRECTED", "AGGREGATE"),
    ),
    "errors.uncorrected": Fact(
        "volatile",
        "memory errors not corrected in its life",
        "DeviceGetTotalEccErrors",
        readers.errors("UNCORRECTED", "AGGREGATE"),
    ),
    "errors.uncorrected_since_start": Fact(
        "volatile",
        "memory errors not corrected since the driver's start",
        "DeviceGetTotalEccErrors",
        readers.errors("UNCORRECTED", "VOLATILE"),
    ),
    "remapped_rows": Fact("machine", "memory rows replaced by spares", "DeviceGetRemappedRows", readers.remapped),
    "retired_pages": Fact("machine", "memory pages taken out of use", "DeviceGetRetiredPages", readers.retired),
    "pcie": Fact(
        "machine",
        "widest PCIe link",
        "DeviceGetMaxPcieLinkGeneration",
        readers.pcie("nvmlDeviceGetMaxPcieLinkGeneration", "nvmlDeviceGetMaxPcieLinkWidth"),
    ),
    "pcie.now": Fact(
        "volatile",
        "PCIe link now",
        "DeviceGetCurrPcieLinkGeneration",
        readers.pcie("nvmlDeviceGetCurrPcieLinkGeneration", "nvmlDeviceGetCurrPcieLinkWidth"),
    ),
    "pcie.replays": Fact(
        "volatile",
        "PCIe transfers repeated",
        "DeviceGetPcieReplayCounter",
        readers.one("nvmlDeviceGetPcieReplayCounter"),
    ),
    "nvlink": Fact("machine", "NVLink", "DeviceGetNvLinkState", readers.nvlink),
    "topology": Fact(
        "machine", "what each other GPU is reached through", "DeviceGetTopologyCommonAncestor", readers.topology
    ),
    "fabric": Fact("machine", "NVLink fabric", "DeviceGetGpuFabricInfoV", readers.fabric),
    "addressing": Fact(
        "machine",
        "addressing mode",
        "DeviceGetAddressingMode",
        lambda nvml, gpu, _all: readers.named(
            nvml, "NVML_DEVICE_ADDRESSING_MODE_", nvml.nvmlDeviceGetAddressingMode(gpu)
        ),
    ),
    "numa_node": Fact("machine", "NUMA node", "DeviceGetNumaNodeId", readers.one("nvmlDeviceGetNumaNodeId")),
}
"""Facts of each GPU: number of the device to value."""
