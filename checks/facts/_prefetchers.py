"""Hardware prefetchers of Intel processors, from their control register; needs root and the msr module."""

from __future__ import annotations

import os

from .. import fact
from ..declare import NotApplicable
from . import _cpu

MSR = "/dev/cpu/%s/msr"
REGISTER = 0x1A4
BITS = ("L2 stream", "L2 adjacent line", "L1 next line", "L1 instruction pointer")
"""
Bits 0 to 3 of MSR_MISC_FEATURE_CONTROL; each disables one prefetcher: Intel's "Disclosure of Hardware Prefetcher
Control on Some Intel Processors", for the cores from Nehalem on.
"""
_REGISTER_BYTES = 8


def switches():
    """Prefetcher to `on`, `off` or `on N, off M` processors. Raises Unknown, with the reason, without the register."""
    if _cpu.field("vendor_id", "CPU implementer") != "GenuineIntel":
        raise NotApplicable("only Intel processors have this register")
    registers = [_register(name) for name in _processors()]
    return {name: _told([value >> bit & 1 for value in registers]) for bit, name in enumerate(BITS)}


def _told(off):
    if len(set(off)) == 1:
        return "off" if off[0] else "on"
    return "on %d, off %d" % (off.count(0), off.count(1))


def _processors():
    """Numbers of the processors whose registers the kernel exposes. Raises Unknown if it exposes none."""
    folder = os.path.dirname(os.path.dirname(MSR))
    names = [name for name in _listed(folder) if os.path.exists(MSR % name)]
    if not names:
        raise fact.Unknown("the kernel's msr module, which shows the register, is not loaded")
    return names


def _listed(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:  # no such folder: the module is not loaded
        return []


def _register(name):
    path = MSR % name
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            content = os.pread(handle, _REGISTER_BYTES, REGISTER)
        finally:
            os.close(handle)
    except OSError as problem:
        why = "only root may read it" if isinstance(problem, PermissionError) else "a virtual machine may hide it"
        raise fact.Unknown("%s cannot be read (%s): %s" % (path, problem.strerror, why)) from None
    return int.from_bytes(content, "little")
