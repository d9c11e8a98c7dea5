"""The facts of NVIDIA GPUs: key, role, meaning, unit, source and reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import readers

PREFIX = "accelerators.nvidia."


class GpuFact:
    """One fact and its reader, which gets the library and, for a device, its handle and all handles."""

    def __init__(self, role: str, meaning: str, source: str, read: Callable[..., Any], unit: str = "") -> None:
        self.role = role
        self.meaning = meaning
        self.source = f"NVML {source}"
        self.read = read
        self.unit = unit


OF_THE_SYSTEM = {
    "driver": GpuFact(
        "machine", "NVIDIA's driver", "SystemGetDriverVersion", readers.system("nvmlSystemGetDriverVersion")
    ),
    "cuda": GpuFact("machine", "newest CUDA that the driver runs", "SystemGetCudaDriverVersion_v2", readers.cuda),
    "count": GpuFact("machine", "NVIDIA GPUs", "DeviceGetCount", readers.system("nvmlDeviceGetCount")),
    "confidential_compute": GpuFact(
        "machine", "confidential computing", "SystemGetConfComputeState", readers.confidential
    ),
}
"""Facts of the machine; keys are appended to `accelerators.nvidia.`."""

OF_A_DEVICE = {
    "name": GpuFact("machine", "model", "DeviceGetName", readers.one("nvmlDeviceGetName")),
    "memory": GpuFact("machine", "memory", "DeviceGetMemoryInfo", readers.memory, "byte"),
    "capability": GpuFact("machine", "compute capability", "DeviceGetCudaComputeCapability", readers.capability),
    "architecture": GpuFact(
        "machine",
        "architecture",
        "DeviceGetArchitecture",
        lambda nvml, gpu, _all: readers.named(nvml, "NVML_DEVICE_ARCH_", nvml.nvmlDeviceGetArchitecture(gpu)),
    ),
    "uuid": GpuFact("identity", "UUID", "DeviceGetUUID", readers.one("nvmlDeviceGetUUID")),
    "serial": GpuFact("identity", "serial number", "DeviceGetSerial", readers.one("nvmlDeviceGetSerial")),
    "vbios": GpuFact("machine", "VBIOS", "DeviceGetVbiosVersion", readers.one("nvmlDeviceGetVbiosVersion")),
    "gsp": GpuFact("machine", "GSP firmware", "DeviceGetGspFirmwareVersion", readers.gsp),
    "inforom": GpuFact("machine", "inforom: image and objects", "DeviceGetInforomVersion", readers.inforom),
    "ecc": GpuFact(
        "machine", "error correction", "DeviceGetEccMode", readers.one("nvmlDeviceGetEccMode", readers.pair)
    ),
    "mig": GpuFact(
        "machine", "partitioning (MIG)", "DeviceGetMigMode", readers.one("nvmlDeviceGetMigMode", readers.pair)
    ),
    "persistence": GpuFact(
        "machine",
        "persistence mode",
        "DeviceGetPersistenceMode",
        readers.one("nvmlDeviceGetPersistenceMode", readers.enabled),
    ),
    "compute_mode": GpuFact(
        "machine",
        "compute mode",
        "DeviceGetComputeMode",
        lambda nvml, gpu, _all: readers.named(nvml, "NVML_COMPUTEMODE_", nvml.nvmlDeviceGetComputeMode(gpu)),
    ),
    "clocks.applications": GpuFact(
        "machine",
        "locked clocks",
        "DeviceGetApplicationsClock",
        readers.clocks("nvmlDeviceGetApplicationsClock"),
        "MHz",
    ),
    "clocks.maximum": GpuFact(
        "machine", "highest clocks", "DeviceGetMaxClockInfo", readers.clocks("nvmlDeviceGetMaxClockInfo"), "MHz"
    ),
    "clocks.now": GpuFact(
        "volatile", "clocks now", "DeviceGetClockInfo", readers.clocks("nvmlDeviceGetClockInfo"), "MHz"
    ),
    "clocks.held_back": GpuFact(
        "volatile", "why clocks are held back now", "DeviceGetCurrentClocksEventReasons", readers.throttle
    ),
    "power.limit": GpuFact(
        "machine", "power limit", "DeviceGetEnforcedPowerLimit", readers.one("nvmlDeviceGetEnforcedPowerLimit"), "mW"
    ),
    "errors.corrected": GpuFact(
        "volatile",
        "memory errors corrected in its life",
        "DeviceGetTotalEccErrors",
        readers.errors("CORRECTED", "AGGREGATE"),
    ),
    "errors.uncorrected": GpuFact(
        "volatile",
        "memory errors not corrected in its life",
        "DeviceGetTotalEccErrors",
        readers.errors("UNCORRECTED", "AGGREGATE"),
    ),
    "errors.uncorrected_since_start": GpuFact(
        "volatile",
        "memory errors not corrected since the driver's start",
        "DeviceGetTotalEccErrors",
        readers.errors("UNCORRECTED", "VOLATILE"),
    ),
    "remapped_rows": GpuFact("machine", "memory rows replaced by spares", "DeviceGetRemappedRows", readers.remapped),
    "retired_pages": GpuFact("machine", "memory pages taken out of use", "DeviceGetRetiredPages", readers.retired),
    "pcie": GpuFact(
        "machine",
        "widest PCIe link",
        "DeviceGetMaxPcieLinkGeneration",
        readers.pcie("nvmlDeviceGetMaxPcieLinkGeneration", "nvmlDeviceGetMaxPcieLinkWidth"),
    ),
    "pcie.now": GpuFact(
        "volatile",
        "PCIe link now",
        "DeviceGetCurrPcieLinkGeneration",
        readers.pcie("nvmlDeviceGetCurrPcieLinkGeneration", "nvmlDeviceGetCurrPcieLinkWidth"),
    ),
    "pcie.replays": GpuFact(
        "volatile",
        "PCIe transfers repeated",
        "DeviceGetPcieReplayCounter",
        readers.one("nvmlDeviceGetPcieReplayCounter"),
    ),
    "nvlink": GpuFact("machine", "NVLink", "DeviceGetNvLinkState", readers.nvlink),
    "topology": GpuFact(
        "machine", "what each other GPU is reached through", "DeviceGetTopologyCommonAncestor", readers.topology
    ),
    "fabric": GpuFact("machine", "NVLink fabric", "DeviceGetGpuFabricInfoV", readers.fabric),
    "addressing": GpuFact(
        "machine",
        "addressing mode",
        "DeviceGetAddressingMode",
        lambda nvml, gpu, _all: readers.named(
            nvml, "NVML_DEVICE_ADDRESSING_MODE_", nvml.nvmlDeviceGetAddressingMode(gpu)
        ),
    ),
    "numa_node": GpuFact("machine", "NUMA node", "DeviceGetNumaNodeId", readers.one("nvmlDeviceGetNumaNodeId")),
}
"""Facts of each GPU; the value maps device number to value."""
