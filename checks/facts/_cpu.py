"""The processor, from /proc/cpuinfo (Linux) or sysctl (macOS), and the microarchitecture level of its flags."""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import sys

from .. import fact
from ..declare import NotApplicable
from . import _files

CPUINFO = "/proc/cpuinfo"
SYSFS = "/sys/devices/system/cpu"

X86_64_LEVELS = (
    ("x86-64-v1", ("cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2")),
    ("x86-64-v2", ("cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3")),
    ("x86-64-v3", ("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave")),
    ("x86-64-v4", ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")),
)
"""
Table "micro-architecture levels" of the x86-64 psABI, https://gitlab.com/x86-psABIs/x86-64-ABI, in Linux's spelling:
`pni` is SSE3, `abm` is LZCNT, and `xsave` stands for OSXSAVE, since Linux shows AVX only when it saves its state.
"""


def level(flags):
    """The highest x86-64 level whose flags, and those of every lower level, are all present; '' for none."""
    held = set(flags)
    reached = ""
    for name, needed in X86_64_LEVELS:
        if not held.issuperset(needed):
            break
        reached = name
    return reached


def blocks(content):
    """The processors of a cpuinfo text, each as a dict of its `name : value` lines."""
    found = []
    for paragraph in content.strip().split("\n\n"):
        lines = (line.partition(":") for line in paragraph.splitlines())
        found.append({name.strip(): value.strip() for name, colon, value in lines if colon})
    return found


@functools.lru_cache(maxsize=1)
def cpuinfo():
    """The processors of this machine, read once because the kernel queries each one. NotApplicable without /proc."""
    return blocks(_files.text(CPUINFO))


def field(*names):
    """The first processor's value for the first of these fields that exists. Raises Unknown if none does."""
    for block in cpuinfo():
        for name in names:
            if block.get(name):
                return block[name]
    raise fact.Unknown("this kernel does not report it in %s" % CPUINFO)


def model():
    """The model's name; on arm64, where the kernel reports none, the codes of implementer and part."""
    if sys.platform == "darwin":
        return sysctl_text("machdep.cpu.brand_string")
    try:
        return field("model name", "Model", "cpu")
    except fact.Unknown:
        return "implementer %s part %s" % (field("CPU implementer"), field("CPU part"))


def flags():
    """Instruction set flags that every processor has, sorted, in the kernel's spelling."""
    if sys.platform == "darwin":
        return sorted(sysctl_text("machdep.cpu.features").lower().split())
    shared = None
    for block in cpuinfo():
        words = block.get("flags") or block.get("Features")
        if words:
            shared = set(words.split()) if shared is None else shared & set(words.split())
    if shared is None:
        raise fact.Unknown("this kernel lists no flags in %s" % CPUINFO)
    return sorted(shared)


def microarchitecture_level():
    """`x86-64-v1` to `x86-64-v4`."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        raise fact.Unknown("levels are defined for x86-64, this is %s" % platform.machine())
    if sys.platform == "darwin":
        raise fact.Unknown("macOS spells the flags differently")
    return level(flags()) or "below x86-64-v1"


def physical_cores():
    """How many different (socket, core) pairs there are."""
    if sys.platform == "darwin":
        return sysctl_integer("hw.physicalcpu")
    pairs = {(_topology(cpu, "physical_package_id"), _topology(cpu, "core_id")) for cpu in _processors()}
    return len(pairs)


def sockets():
    """How many processor packages there are."""
    if sys.platform == "darwin":
        return sysctl_integer("hw.packages")
    return len({_topology(cpu, "physical_package_id") for cpu in _processors()})


def _processors():
    found = [cpu for cpu in _files.numbered(SYSFS, "cpu") if os.path.isdir(os.path.join(cpu, "topology"))]
    if not found:
        raise fact.Unknown("%s shows no topology" % SYSFS)
    return found


def _topology(cpu, name):
    return _files.text(os.path.join(cpu, "topology", name))


def cache_bytes(cache_level, kinds):
    """The size of the first processor's cache of this level and of one of these kinds (Data, Instruction, Unified)."""
    for index in _files.numbered(SYSFS + "/cpu0/cache", "index"):
        if _files.integer(index + "/level") == cache_level and _files.text(index + "/type") in kinds:
            return _bytes(_files.text(index + "/size"))
    if os.path.isdir(SYSFS + "/cpu0/cache"):
        raise NotApplicable("the processor has no such cache")
    raise fact.Unknown("this kernel does not describe caches")


def _bytes(size):
    return int(size[:-1]) * {"K": 1024, "M": 1024**2, "G": 1024**3}[size[-1]] if size[-1] in "KMG" else int(size)


def sysctl_text(name):
    """A macOS sysctl as text. Raises NotApplicable for a name that this machine does not have."""
    return _sysctl(name).rstrip(b"\0").decode("utf-8", "replace")


def sysctl_integer(name):
    """A macOS sysctl as an integer."""
    return int.from_bytes(_sysctl(name), sys.byteorder)


def _sysctl(name):
    call = ctypes.CDLL(None).sysctlbyname
    size = ctypes.c_size_t(0)
    if call(name.encode(), None, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        raise NotApplicable("this machine has no sysctl %s" % name)
    content = ctypes.create_string_buffer(size.value)
    call(name.encode(), content, ctypes.byref(size), None, ctypes.c_size_t(0))
    return content.raw[: size.value]
