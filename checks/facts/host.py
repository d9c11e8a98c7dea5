"""Facts about the operating system and the machine: files of /proc and /sys, no framework, no process started."""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import sys
import time

from .. import fact
from ..declare import NotApplicable
from ..fact import probe
from . import _container, _cpu, _files

_MEMORY = "/proc/meminfo"
_KERNEL = "/proc/sys/kernel/"
_DMI = "/sys/class/dmi/id/"


def _os_release(name):
    """A field of os-release (freedesktop.org), or the equivalent on macOS."""
    if sys.platform == "darwin":
        return {"NAME": "macOS", "VERSION_ID": platform.mac_ver()[0]}.get(name, "macOS " + platform.mac_ver()[0])
    for line in _files.first("/etc/os-release", "/usr/lib/os-release").splitlines():
        key, equals, content = line.partition("=")
        if equals and key.strip() == name:
            return content.strip().strip("\"'")
    raise NotApplicable("this system's os-release has no %s" % name)


def _libc_name():
    """The C library of this process."""
    if sys.platform == "darwin":
        return "libSystem"
    try:
        return os.confstr("CS_GNU_LIBC_VERSION").split()[0]
    except (ValueError, OSError, AttributeError):  # only glibc has this name
        if any(name.startswith("ld-musl-") for name in os.listdir("/lib")):
            return "musl"
    raise fact.Unknown("the C library is neither glibc nor musl")


def _libc_version():
    name = _libc_name()
    if name == "glibc":
        return os.confstr("CS_GNU_LIBC_VERSION").split()[1]
    if name == "libSystem":
        return platform.mac_ver()[0]
    raise fact.Unknown("%s does not reveal its version to a running process" % name)


def _memory_bytes(name):
    if sys.platform == "darwin":
        if name == "MemTotal":
            return _cpu.sysctl_integer("hw.memsize")
        raise fact.Unknown("macOS has no single number for it")
    for line in _files.text(_MEMORY).splitlines():
        key, _, amount = line.partition(":")
        if key == name:
            return int(amount.split()[0]) * 1024
    raise fact.Unknown("%s has no %s" % (_MEMORY, name))


def _affinity():
    if not hasattr(os, "sched_getaffinity"):
        raise NotApplicable("this system has no processor affinity")
    return len(os.sched_getaffinity(0))


def _virtualisation():
    """A hint, not a proof: the firmware's product name, else whether the processor shows a hypervisor."""
    try:
        return _files.first("/sys/hypervisor/type", _DMI + "product_name")
    except NotApplicable:
        return "hypervisor" if "hypervisor" in _cpu.flags() else "none-seen"


def _ecc_controllers():
    if not os.path.isdir("/sys/devices/system/edac/mc"):
        raise fact.Unknown("the kernel has no error detection driver loaded")
    return len(_files.numbered("/sys/devices/system/edac/mc", "mc"))


def _uptime_seconds():
    if sys.platform == "darwin":
        return int(time.time()) - int.from_bytes(_cpu._sysctl("kern.boottime")[:8], sys.byteorder)
    return int(float(_files.text("/proc/uptime").split()[0]))


def _numa_nodes():
    return _files.count_of(_files.text("/sys/devices/system/node/online"))


def _word_bits():
    return ctypes.sizeof(ctypes.c_void_p) * 8


def _sysfs_cpu(name):
    return lambda: _files.text(_cpu.SYSFS + "/" + name)


def _field(*names):
    return lambda: _cpu.field(*names)


def _cache(level, *kinds):
    return probe(
        "machine",
        "cache, level %d, %s" % (level, " or ".join(kinds).lower()),
        _cpu.SYSFS,
        lambda: _cpu.cache_bytes(level, kinds),
        "byte",
    )


def _load(place):
    return probe(
        "volatile",
        "load average over %d minutes" % (1, 5, 15)[place],
        "os.getloadavg",
        lambda: round(os.getloadavg()[place] * 1000),
        "1/1000",
    )


def _file(role, meaning, path, read=_files.text, unit=""):
    return probe(role, meaning, path, lambda: read(path), unit)


PROBES = {
    "host.system": probe("software", "kind of operating system", "platform.system", platform.system),
    "host.os.name": probe("software", "name of the distribution", "os-release", lambda: _os_release("NAME")),
    "host.os.id": probe("software", "short name of the distribution", "os-release", lambda: _os_release("ID")),
    "host.os.version": probe(
        "software", "version of the distribution", "os-release", lambda: _os_release("VERSION_ID")
    ),
    "host.os.title": probe(
        "software", "display name of the distribution", "os-release", lambda: _os_release("PRETTY_NAME")
    ),
    "host.libc.name": probe("software", "C library", "os.confstr", _libc_name),
    "host.libc.version": probe("software", "version of the C library", "os.confstr", _libc_version),
    "host.kernel.release": probe("machine", "kernel release", "platform.release", platform.release),
    "host.kernel.version": probe("machine", "kernel build", "platform.version", platform.version),
    "host.kernel.command_line": _file("identity", "command line of the kernel", "/proc/cmdline"),
    "host.architecture": probe("machine", "instruction set", "platform.machine", platform.machine),
    "host.word": probe("software", "width of a pointer in this process", "ctypes", _word_bits, "bit"),
    "host.name": probe("identity", "host name", "socket.gethostname", socket.gethostname),
    "host.cpu.model": probe("machine", "processor model", _cpu.CPUINFO, _cpu.model),
    "host.cpu.vendor": probe("machine", "vendor", _cpu.CPUINFO, _field("vendor_id", "CPU implementer")),
    "host.cpu.family": probe("machine", "family", _cpu.CPUINFO, _field("cpu family", "CPU architecture")),
    "host.cpu.model_number": probe("machine", "model number", _cpu.CPUINFO, _field("model", "CPU part")),
    "host.cpu.stepping": probe("machine", "stepping", _cpu.CPUINFO, _field("stepping", "CPU revision")),
    "host.cpu.microcode": probe("machine", "microcode revision", _cpu.CPUINFO, _field("microcode")),
    "host.cpu.flags": probe("machine", "instruction set flags, sorted", _cpu.CPUINFO, _cpu.flags),
    "host.cpu.level": probe("machine", "x86-64 level of the flags", "x86-64 psABI", _cpu.microarchitecture_level),
    "host.cpu.logical": probe("machine", "logical processors", "os.cpu_count", os.cpu_count),
    "host.cpu.cores": probe("machine", "physical cores", _cpu.SYSFS, _cpu.physical_cores),
    "host.cpu.sockets": probe("machine", "processor packages", _cpu.SYSFS, _cpu.sockets),
    "host.cpu.affinity": probe("machine", "processors that this process may use", "os.sched_getaffinity", _affinity),
    "host.cpu.cache.l1d": _cache(1, "Data", "Unified"),
    "host.cpu.cache.l1i": _cache(1, "Instruction"),
    "host.cpu.cache.l2": _cache(2, "Unified", "Data"),
    "host.cpu.cache.l3": _cache(3, "Unified", "Data"),
    "host.cpu.governor": probe("machine", "frequency governor", "cpufreq", _sysfs_cpu("cpu0/cpufreq/scaling_governor")),
    "host.cpu.maximum": probe(
        "machine",
        "highest frequency",
        "cpufreq",
        lambda: _files.integer(_cpu.SYSFS + "/cpu0/cpufreq/cpuinfo_max_freq") // 1000,
        "MHz",
    ),
    "host.cpu.smt": probe("machine", "simultaneous multithreading", "smt/control", _sysfs_cpu("smt/control")),
    "host.cpu.turbo_off": probe("machine", "turbo switched off", "intel_pstate", _sysfs_cpu("intel_pstate/no_turbo")),
    "host.numa.nodes": probe("machine", "NUMA nodes", "/sys/devices/system/node", _numa_nodes),
    "host.numa.balancing": _file("machine", "automatic NUMA balancing", _KERNEL + "numa_balancing", _files.integer),
    "host.memory.total": probe("machine", "memory", _MEMORY, lambda: _memory_bytes("MemTotal"), "byte"),
    "host.memory.available": probe(
        "volatile", "available memory", _MEMORY, lambda: _memory_bytes("MemAvailable"), "byte"
    ),
    "host.memory.swap": probe("machine", "swap space", _MEMORY, lambda: _memory_bytes("SwapTotal"), "byte"),
    "host.memory.ecc_controllers": probe("machine", "memory controllers with ECC", "edac", _ecc_controllers),
    "host.memory.page": probe("machine", "page size", "os.sysconf", lambda: os.sysconf("SC_PAGE_SIZE"), "byte"),
    "host.memory.huge_pages": _file(
        "machine", "transparent huge pages", "/sys/kernel/mm/transparent_hugepage/enabled", _files.chosen
    ),
    "host.address_layout": _file(
        "machine", "address layout randomisation, 0 to 2", _KERNEL + "randomize_va_space", _files.integer
    ),
    "host.clock_source": _file(
        "machine", "kernel clock", "/sys/devices/system/clocksource/clocksource0/current_clocksource"
    ),
    "host.virtualisation": probe("machine", "a hint of a virtual machine", "DMI, flags", _virtualisation),
    "host.firmware.vendor": _file("machine", "vendor of the firmware", _DMI + "bios_vendor"),
    "host.firmware.version": _file("machine", "version of the firmware", _DMI + "bios_version"),
    "host.board": _file("machine", "main board", _DMI + "board_name"),
    "host.container": probe(
        "machine", "whether the process is inside a container", "/.dockerenv, cgroup", _container.inside
    ),
    "host.container.runtime": probe(
        "machine", "container runtime", "/.dockerenv, cgroup", _container.runtime_or_reason
    ),
    "host.cgroup.cpu": probe("machine", "processor limit", "cgroup", _container.cpu_limit_milli, "1/1000"),
    "host.cgroup.memory": probe("machine", "memory limit", "cgroup", _container.memory_limit_bytes, "byte"),
    "host.load.1min": _load(0),
    "host.load.5min": _load(1),
    "host.load.15min": _load(2),
    "host.uptime": probe("volatile", "time since start-up", "/proc/uptime", _uptime_seconds, "second"),
}
KEYS = fact.keys(PROBES)


def collect(request):
    """Every fact about the host."""
    return fact.answers(PROBES)
