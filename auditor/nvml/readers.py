"""Functions that read each fact of a GPU from NVIDIA's library; no output of tools is parsed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def named(nvml: Any, prefix: str, value: int) -> str:
    """The name of a constant of the library, in lower case; its number if this release has no name for it."""
    names = [name for name in dir(nvml) if name.startswith(prefix) and getattr(nvml, name) == value]
    return min(names, key=len).removeprefix(prefix).lower() if names else str(value)


def enabled(value: int) -> str:
    """A switch as text."""
    return "on" if value else "off"


def pair(pair: Any) -> str:
    """Current and pending state of a mode that changes on restart."""
    current, pending = pair
    return enabled(current) if current == pending else f"{enabled(current)}, {enabled(pending)} after a restart"


def capability(nvml: Any, gpu: Any, _all: Any) -> str:
    """`MAJOR.MINOR`."""
    return ".".join(str(part) for part in nvml.nvmlDeviceGetCudaComputeCapability(gpu))


def memory(nvml: Any, gpu: Any, _all: Any) -> int:
    """All of its memory, in byte."""
    return int(nvml.nvmlDeviceGetMemoryInfo(gpu).total)


def cuda(nvml: Any) -> str:
    """The newest CUDA that the driver runs: the library gives 1000 times the major plus 10 times the minor."""
    version = nvml.nvmlSystemGetCudaDriverVersion_v2()
    return f"{version // 1000}.{version % 1000 // 10}"


def inforom(nvml: Any, gpu: Any, _all: Any) -> str:
    """Image, then the objects that this board has."""
    objects = {"oem": nvml.NVML_INFOROM_OEM, "ecc": nvml.NVML_INFOROM_ECC, "power": nvml.NVML_INFOROM_POWER}
    told = [f"image {nvml.nvmlDeviceGetInforomImageVersion(gpu)}"]
    for name, number in objects.items():
        try:
            told.append(f"{name} {nvml.nvmlDeviceGetInforomVersion(gpu, number)}")
        except nvml.NVMLError:  # a board without that object has no version of it
            continue
    return ", ".join(told)


def gsp(nvml: Any, gpu: Any, _all: Any) -> str:
    """Firmware of the system processor, and whether it is used."""
    version = nvml.nvmlDeviceGetGspFirmwareVersion(gpu)
    mode = nvml.nvmlDeviceGetGspFirmwareMode(gpu)
    return f"{version.decode() if isinstance(version, bytes) else version}, {enabled(mode[0])}"


def clocks(function: str) -> Callable[..., str]:
    """A reader of both clocks, in MHz."""

    def read(nvml: Any, gpu: Any, _all: Any) -> str:
        ask = getattr(nvml, function)
        return f"graphics {ask(gpu, nvml.NVML_CLOCK_GRAPHICS)}, memory {ask(gpu, nvml.NVML_CLOCK_MEM)}"

    return read


def throttle(nvml: Any, gpu: Any, _all: Any) -> list[str]:
    """The names of the bits that are set."""
    mask = nvml.nvmlDeviceGetCurrentClocksEventReasons(gpu)
    prefix = "nvmlClocksEventReason"
    return [named(nvml, prefix, 1 << bit) for bit in range(64) if mask >> bit & 1]


def errors(kind: str, counter: str) -> Callable[..., int]:
    """A reader of a sum over all memories."""

    def read(nvml: Any, gpu: Any, _all: Any) -> int:
        error = getattr(nvml, f"NVML_MEMORY_ERROR_TYPE_{kind}")
        return int(nvml.nvmlDeviceGetTotalEccErrors(gpu, error, getattr(nvml, f"NVML_{counter}_ECC")))

    return read


def remapped(nvml: Any, gpu: Any, _all: Any) -> dict[str, int]:
    """Remapped rows by cause, and whether remappings are pending or failed."""
    names = ("correctable", "uncorrectable", "pending", "failed")
    return dict(zip(names, nvml.nvmlDeviceGetRemappedRows(gpu), strict=True))


def retired(nvml: Any, gpu: Any, _all: Any) -> dict[str, int]:
    """Number of retired pages by cause."""
    prefix = "NVML_PAGE_RETIREMENT_CAUSE_"
    causes = {"single-bit": "MULTIPLE_SINGLE_BIT_ECC_ERRORS", "double-bit": "DOUBLE_BIT_ECC_ERROR"}
    return {
        name: len(nvml.nvmlDeviceGetRetiredPages(gpu, getattr(nvml, prefix + cause))) for name, cause in causes.items()
    }


def pcie(generation: str, width: str) -> Callable[..., str]:
    """A reader of a PCIe link, by the functions for its generation and width."""

    def read(nvml: Any, gpu: Any, _all: Any) -> str:
        return f"generation {getattr(nvml, generation)(gpu)}, {getattr(nvml, width)(gpu)} lanes"

    return read


def nvlink(nvml: Any, gpu: Any, _all: Any) -> str:
    """Number of active links, number of links, and their version."""
    states = []
    for link in range(nvml.NVML_NVLINK_MAX_LINKS):
        try:
            states.append(nvml.nvmlDeviceGetNvLinkState(gpu, link))
        except nvml.NVMLError:
            if not states:
                raise
            break  # links are numbered without gaps: this board has no more
    return f"{sum(states)} of {len(states)} active, version {nvml.nvmlDeviceGetNvLinkVersion(gpu, 0)}"


def topology(nvml: Any, gpu: Any, handles: Any) -> list[str]:
    """The connection to each device, in the order of their numbers; `self` for the device itself."""
    return [
        "self" if other is gpu else named(nvml, "NVML_TOPOLOGY_", nvml.nvmlDeviceGetTopologyCommonAncestor(gpu, other))
        for other in handles
    ]


def fabric(nvml: Any, gpu: Any, _all: Any) -> str:
    """State and health of the fabric, without the identifier of the cluster."""
    told = nvml.c_nvmlGpuFabricInfo_v3_t()
    nvml.nvmlDeviceGetGpuFabricInfoV(gpu, nvml.byref(told))
    state = named(nvml, "NVML_GPU_FABRIC_STATE_", told.state)
    wrong = ", ".join(fabric_problems(nvml, told.healthMask)) or "no problem named"
    return f"{state}, clique {told.cliqueId}, status {told.status}, health mask {told.healthMask:#x} ({wrong})"


def fabric_problems(nvml: Any, mask: int) -> list[str]:
    """The problems in the fabric's health mask, by their names in the library."""
    prefix = "NVML_GPU_FABRIC_HEALTH_MASK_"
    told = {
        name: mask >> getattr(nvml, f"{prefix}SHIFT_{name}") & getattr(nvml, f"{prefix}WIDTH_{name}")
        for name in ("DEGRADED_BW", "ROUTE_RECOVERY", "ROUTE_UNHEALTHY", "ACCESS_TIMEOUT_RECOVERY")
    }
    found = [name.lower() for name, value in told.items() if value == getattr(nvml, f"{prefix}{name}_TRUE")]
    field = "INCORRECT_CONFIGURATION"
    value = mask >> getattr(nvml, f"{prefix}SHIFT_{field}") & getattr(nvml, f"{prefix}WIDTH_{field}")
    if value > getattr(nvml, f"{prefix}{field}_NONE"):
        found.append(named(nvml, f"{prefix}{field}_", value))
    return found


def confidential(nvml: Any) -> str:
    """State and environment of confidential computing."""
    told = nvml.nvmlSystemGetConfComputeState()
    environment = named(nvml, "NVML_CC_SYSTEM_ENVIRONMENT_", told.environment)
    feature = named(nvml, "NVML_CC_SYSTEM_FEATURE_", told.ccFeature)
    return f"{feature}, environment {environment}, developer tools {enabled(told.devToolsMode)}"


def one(function: str, shown: Callable[..., Any] = lambda value: value) -> Callable[..., Any]:
    """A reader that calls a function of one device."""
    return lambda nvml, gpu, _all: shown(getattr(nvml, function)(gpu))


def system(function: str) -> Callable[..., Any]:
    """A reader that calls a function without a device."""
    return lambda nvml: getattr(nvml, function)()
