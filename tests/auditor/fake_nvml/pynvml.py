"""
A FAKE: NVIDIA's management library as no machine here has it, for tests of `auditor/nvml/`.

The real nvidia-ml-py runs, with its structures and its checks of arguments; only the C library below it is replaced. It
shows two GPUs; what a function below does not answer it refuses as "not supported". Nothing here was recorded from a
GPU: the values are made up, and plain to see. `FAKE_NVML_HANGS` names a function that never returns.
"""

import os
import sys
import time
from pathlib import Path

_HERE = str(Path(__file__).resolve().parent)
_REAL = next(Path(one) / "pynvml.py" for one in sys.path if one != _HERE and (Path(one) / "pynvml.py").is_file())
exec(compile(_REAL.read_text(encoding="utf-8"), str(_REAL), "exec"))

SUCCESS, NOT_SUPPORTED, LOST = 0, 3, 15


def _number(value):
    """A function that writes a number where its last argument points."""

    def call(*arguments):
        arguments[-1]._obj.value = value
        return SUCCESS

    return call


def _numbers(*values):
    """A function that writes one number to each of its last arguments."""

    def call(*arguments):
        for place, value in zip(arguments[-len(values) :], values, strict=True):
            place._obj.value = value
        return SUCCESS

    return call


def _text(content):
    """A function that writes a text into the buffer before its length."""

    def call(*arguments):
        buffer = next(one for one in arguments if hasattr(one, "raw"))
        buffer.value = content
        return SUCCESS

    return call


def _handle(index, place):
    if os.environ.get("FAKE_NVML_LOST") == str(index.value):
        return LOST
    place._obj.contents = type(place._obj.contents)() if place._obj else place._obj._type_()
    return SUCCESS


def _memory(_gpu, place):
    place._obj.total = 1 << 37
    return SUCCESS


def _pages(_gpu, _cause, count, pages):
    count._obj.value = 2 if pages is not None else 7
    return SUCCESS


def _fabric(_gpu, place):
    place._obj.state, place._obj.cliqueId = 3, 5
    return SUCCESS


def _confidential(place):
    place._obj.environment, place._obj.ccFeature = 2, 1
    return SUCCESS


def _link(_gpu, link, place):
    if getattr(link, "value", link) >= 4:
        return NOT_SUPPORTED
    place._obj.value = 1
    return SUCCESS


ANSWERS = {
    "nvmlInitWithFlags": lambda _flags: SUCCESS,
    "nvmlErrorString": lambda code: {3: b"Not Supported", 15: b"GPU is lost"}.get(code, b"Unknown Error"),
    "nvmlSystemGetDriverVersion": _text(b"999.1"),
    "nvmlSystemGetCudaDriverVersion_v2": _number(13020),
    "nvmlSystemGetConfComputeState": _confidential,
    "nvmlDeviceGetCount_v2": _number(2),
    "nvmlDeviceGetHandleByIndex_v2": _handle,
    "nvmlDeviceGetName": _text(b"FAKE H999"),
    "nvmlDeviceGetMemoryInfo": _memory,
    "nvmlDeviceGetCudaComputeCapability": _numbers(9, 0),
    "nvmlDeviceGetArchitecture": _number(9),
    "nvmlDeviceGetUUID": _text(b"GPU-0fa4e000-0000-4000-8000-0000000fa4e0"),
    "nvmlDeviceGetVbiosVersion": _text(b"96.00.FA.KE"),
    "nvmlDeviceGetGspFirmwareVersion": lambda _gpu, version: setattr(version, "value", b"999.1") or SUCCESS,
    "nvmlDeviceGetGspFirmwareMode": _numbers(1, 1),
    "nvmlDeviceGetInforomImageVersion": _text(b"G999.0001"),
    "nvmlDeviceGetEccMode": _numbers(1, 0),
    "nvmlDeviceGetMigMode": _numbers(0, 0),
    "nvmlDeviceGetPersistenceMode": _number(1),
    "nvmlDeviceGetComputeMode": _number(3),
    "nvmlDeviceGetApplicationsClock": _number(1410),
    "nvmlDeviceGetMaxClockInfo": _number(1980),
    "nvmlDeviceGetClockInfo": _number(345),
    "nvmlDeviceGetCurrentClocksEventReasons": _number(0x21),
    "nvmlDeviceGetEnforcedPowerLimit": _number(700000),
    "nvmlDeviceGetTotalEccErrors": _number(1 << 60),
    "nvmlDeviceGetRemappedRows": _numbers(1, 2, 0, 1),
    "nvmlDeviceGetRetiredPages": _pages,
    "nvmlDeviceGetMaxPcieLinkGeneration": _number(5),
    "nvmlDeviceGetMaxPcieLinkWidth": _number(16),
    "nvmlDeviceGetCurrPcieLinkGeneration": _number(1),
    "nvmlDeviceGetCurrPcieLinkWidth": _number(8),
    "nvmlDeviceGetPcieReplayCounter": _number(0),
    "nvmlDeviceGetNvLinkState": _link,
    "nvmlDeviceGetNvLinkVersion": _number(7),
    "nvmlDeviceGetTopologyCommonAncestor": _number(40),
    "nvmlDeviceGetGpuFabricInfoV": _fabric,
    "nvmlDeviceGetAddressingMode": lambda _gpu, place: setattr(place._obj, "value", 2) or SUCCESS,
    "nvmlDeviceGetNumaNodeId": _number(1),
}


class Library:
    """Stands where the C library stands."""

    def __getattr__(self, name):  # noqa: D105 - every function of the C library
        if name == os.environ.get("FAKE_NVML_HANGS"):
            time.sleep(600)
        return ANSWERS.get(name, lambda *_arguments: NOT_SUPPORTED)


nvmlLib = Library()  # noqa: N816 - the name that nvidia-ml-py looks for
