"""Whether a GPU can be used here. Neither a framework nor a driver is loaded into this process."""

from __future__ import annotations

import functools
import glob
import os
import subprocess
import sys

from . import _started

COUNT = """
import ctypes, sys
try:
    cuda = ctypes.CDLL("libcuda.so.1")
except OSError:
    sys.exit("its library libcuda.so.1 cannot be loaded")
count = ctypes.c_int(0)
error = cuda.cuInit(0) or cuda.cuDeviceGetCount(ctypes.byref(count))
if error or not count.value:
    sys.exit("it offers no GPU (CUDA error %d, %d devices)" % (error, count.value))
"""
"""
Asks NVIDIA's driver, as the frameworks do: it knows lost devices, containers without a device and
CUDA_VISIBLE_DEVICES (https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__DEVICE.html).
"""
TIMEOUT_SECONDS = 30
"""Without persistence mode the driver first initialises each GPU: 8 of them take ten seconds."""
KFD, KFD_NODES = "/dev/kfd", "/sys/class/kfd/kfd/topology/nodes/*/gpu_id"
"""The device of AMD's driver, and the identifiers of its compute nodes; that of a processor is 0."""
AMD_VARIABLES = ("HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")


@functools.lru_cache(maxsize=None)
def nvidia_obstacle():
    """Why no NVIDIA GPU can be used here; empty if one can. A driver that does not answer cannot be used."""
    try:
        asked = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", COUNT],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "NVIDIA's driver: it gave no answer within %d s" % TIMEOUT_SECONDS
    if asked.returncode == 0:
        return ""
    lines = asked.stderr.decode("utf-8", "replace").split("\n")
    said = next((line for line in lines if line.startswith("it")), "the query ended with %d" % asked.returncode)
    return "NVIDIA's driver: %s" % said


@functools.lru_cache(maxsize=None)
def amd_obstacle():
    """Why no AMD GPU can be used here; empty if one can."""
    if not os.access(KFD, os.R_OK | os.W_OK):
        return "AMD's driver: %s is absent or not open to this user" % KFD
    if any(_started.started_with(name) in ("", "-1") for name in AMD_VARIABLES):
        return "AMD's driver: %s hides every GPU" % " or ".join(AMD_VARIABLES)
    if not any(_text(path).strip() not in ("", "0") for path in glob.glob(KFD_NODES)):
        return "AMD's driver: it has no GPU"
    return ""


def _text(path):
    try:
        with open(path, encoding="ascii") as handle:
            return handle.read()
    except OSError:  # the kernel refuses the nodes that a container was not given
        return ""
