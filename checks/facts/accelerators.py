"""Facts about accelerators from the kernel and the installation; calls no driver and loads no framework."""

from __future__ import annotations

import glob
import os
import re

from .. import fact
from ..declare import NotApplicable
from . import _distributions, _files, _imex
from ._limits import probe

PCI = "/sys/bus/pci/devices"
ACCELERATOR_CLASSES = ("0x03", "0x12", "0x0b40")
"""Display controllers, processing accelerators and co-processors of the PCI code and ID assignment specification."""
KFD = "/sys/class/kfd/kfd/topology/nodes"
_LIBRARY_FOLDERS = (
    *("/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/lib"),
    *("/opt/rocm/lib", "/opt/intel/oneapi/lib"),
)

OTHER_DEVICES = {
    "ascend": "/dev/davinci[0-9]*",
    "cambricon": "/dev/cambricon_dev[0-9]*",
    "gaudi": "/dev/hl[0-9]*",
    "kernel-accel": "/dev/accel/accel[0-9]*",
    "musa": "/dev/mtgpu*",
    "neuron": "/dev/neuron[0-9]*",
    "wsl": "/dev/dxg",
}
"""Kind of accelerator to the pattern of its device nodes."""
_OTHER_PACKAGES = re.compile(
    r"(torch-|jax-|tensorflow-)?(neuronx?|npu|musa|hpu|mlu|metal|directml).*|libneuronxla|neuronx-cc|aws-neuronx.*"
    r"|habana-.*|ascend.*|mindspore.*|torch-mlu.*|tensorflow-metal"
)
_XPU_PACKAGES = re.compile(
    r"intel-(sycl|cmplr|opencl|extension|openmp).*|oneccl.*|onemkl-sycl.*|dpcpp.*|pytorch-triton-xpu"
)
_TPU_VARIABLES = ("TPU_", "LIBTPU_", "CLOUD_TPU_", "MEGASCALE_")


def _pci():
    """`CLASS VENDOR:DEVICE` of each device, sorted by address, with or without a driver."""
    if not os.path.isdir(PCI):
        raise NotApplicable("this machine shows no PCI bus")
    found = []
    for address in sorted(os.listdir(PCI)):
        folder = os.path.join(PCI, address)
        kind = _files.text(folder + "/class")
        if kind.startswith(ACCELERATOR_CLASSES):
            found.append("%s %s:%s" % (kind, _files.text(folder + "/vendor"), _files.text(folder + "/device")))
    if not found:
        raise NotApplicable("no display controller or accelerator on the PCI bus")
    return found


def _module(*names):
    """A reader of the version of the first of these kernel modules that is loaded."""

    def read():
        loaded = [name for name in names if os.path.isdir("/sys/module/" + name)]
        if not loaded:
            raise NotApplicable("the kernel has no module %s" % " or ".join(names))
        try:
            return "%s %s" % (loaded[0], _files.text("/sys/module/%s/version" % loaded[0]))
        except NotApplicable:
            return "%s of the kernel itself" % loaded[0]

    return read


def _rocm_devices():
    """How many compute nodes of the kernel's driver are GPUs: the identifier of a processor's node is 0."""
    if not os.path.isdir(KFD):
        raise NotApplicable("the kernel offers no ROCm device")
    return sum(_files.text(node + "/gpu_id") != "0" for node in _files.numbered(KFD, ""))


def _libraries(product, *names):
    """A reader of the file names of system libraries, which contain their releases."""

    def read():
        found = set()
        for folder in _LIBRARY_FOLDERS:
            for name in names:
                found.update(os.path.basename(os.path.realpath(path)) for path in glob.glob(folder + "/" + name))
        if not found:
            raise NotApplicable("no %s in the system's library folders" % product)
        return sorted(found)

    return read


def _packages(product, pattern):
    """A reader of `name==version` of the installed distributions of a product."""

    def read():
        installed = _distributions.installed()
        found = ["%s==%s" % (name, installed[name]["version"]) for name in installed if pattern.fullmatch(name)]
        if not found:
            raise NotApplicable("no distribution of %s is installed" % product)
        return found

    return read


def _tpu_devices():
    """Device nodes of TPU chips: `/dev/accelN`, or VFIO groups where libtpu is installed."""
    count = len(glob.glob("/dev/accel[0-9]*"))
    if not count and "libtpu" in _distributions.installed():
        count = len(glob.glob("/dev/vfio/[0-9]*"))
    if not count:
        raise NotApplicable("no TPU device node")
    return count


def _tpu_topology():
    """Names and values of the variables that describe a TPU slice and this host's position in it."""
    names = [name for name in os.environ if name.startswith(_TPU_VARIABLES)]
    if not names:
        raise NotApplicable("no variable describes a TPU topology")
    return {name: os.environ[name] for name in sorted(names) if name.endswith(("TYPE", "TOPOLOGY", "BOUNDS", "COUNT"))}


def _others():
    """Kind to the number of its device nodes."""
    found = {kind: len(glob.glob(pattern)) for kind, pattern in OTHER_DEVICES.items()}
    held = {kind: count for kind, count in found.items() if count}
    if not held:
        raise NotApplicable("no device node of %s" % ", ".join(sorted(OTHER_DEVICES)))
    return held


_DIST = "dist-info"
PROBES = {
    "accelerators.pci": probe("machine", "display controllers and accelerators on the PCI bus", PCI, _pci),
    "accelerators.rocm.driver": probe("machine", "AMD's kernel driver", "/sys/module/amdgpu", _module("amdgpu")),
    "accelerators.rocm.devices": probe("machine", "number of AMD GPUs", KFD, _rocm_devices),
    "accelerators.rocm.release": probe(
        "software", "ROCm of the system", "/opt/rocm/.info/version", lambda: _files.text("/opt/rocm/.info/version")
    ),
    "accelerators.rocm.miopen": probe(
        "software", "MIOpen of the system", "/opt/rocm/lib", _libraries("MIOpen", "libMIOpen.so.*")
    ),
    "accelerators.xpu.driver": probe("machine", "Intel's kernel driver", "/sys/module", _module("xe", "i915")),
    "accelerators.xpu.level_zero": probe(
        "software",
        "Level Zero",
        "library folders",
        _libraries("Level Zero", "libze_loader.so.*", "libze_intel_gpu.so.*"),
    ),
    "accelerators.xpu.compiler": probe(
        "software",
        "Intel's graphics compiler and memory management",
        "library folders",
        _libraries("Intel's graphics compiler", "libigc.so.*", "libigdgmm.so.*"),
    ),
    "accelerators.xpu.packages": probe(
        "software", "packages of SYCL, oneCCL and similar", _DIST, _packages("Intel's SYCL", _XPU_PACKAGES)
    ),
    "accelerators.tpu.devices": probe("machine", "TPU device nodes", "/dev", _tpu_devices),
    "accelerators.tpu.libtpu": probe("software", "libtpu", _DIST, _packages("libtpu", re.compile(r"libtpu.*"))),
    "accelerators.tpu.topology": probe("machine", "type and shape of the TPU slice", "os.environ", _tpu_topology),
    "accelerators.imex": probe("machine", "IMEX: channels and number of nodes", _imex.CHANNELS, _imex.imex),
    "accelerators.other.devices": probe(
        "machine",
        "other accelerators (Trainium, NPU, HPU and similar): kind to number of device nodes",
        "/dev",
        _others,
    ),
    "accelerators.other.packages": probe(
        "software", "packages for other accelerators", _DIST, _packages("another accelerator", _OTHER_PACKAGES)
    ),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact about accelerators that needs no driver."""
    return fact.answers(PROBES)
