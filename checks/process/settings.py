"""
The settings that the payload itself must apply; those that are environment variables are set by the host.

Their names, and what each is a cause of, stand once in the host's `auditor/factors/factors.py`.
"""

from __future__ import annotations

import ctypes
import os

from ..factors import perturb
from . import discovery

M_PERTURB = -6
"""The parameter's number in glibc's malloc.h."""


def before_import(chosen):
    """Settings that must hold before a framework is loaded: processors, and what `perturb` changes."""
    if "address-layout" in chosen:
        perturb.address_layout(chosen["address-layout"])
    before_program(chosen)


def before_program(chosen):
    """The same for a program of the user's; the address layout is the host's then, for it means another process."""
    if "affinity" in chosen:
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set(processors[: int(chosen["affinity"])]))
    for name, change in perturb.BY_NAME.items():
        if name in chosen:
            change(chosen[name])


def for_step(changed):
    """
    Settings that can change between two steps of one process: what fresh memory holds.

    glibc fills with the same byte as `MALLOC_PERTURB_` sets at the start. Where there is no `mallopt` (another C
    library) nothing changes, and the canaries of the step say so.
    """
    fill = changed.get("memory-fill")
    if fill is not None:
        process = ctypes.CDLL(None)
        if hasattr(process, "mallopt"):
            process.mallopt(M_PERTURB, int(fill))


def after_import(chosen, framework):
    """Settings that are calls of the framework, in its own `_state.py`: `threads`, `onednn`, `framework-switch`."""
    if framework in ("torch", "tensorflow", "jax") and chosen:
        discovery.load("%s._state" % framework).apply(chosen)
