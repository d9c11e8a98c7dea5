"""
Applies the settings that are no environment variables; the host sets those.

`auditor/factors/factors.py` of the host lists the names of all settings.
"""

from __future__ import annotations

import ctypes
import os

from ..factors import perturb
from . import discovery

M_PERTURB = -6
"""The parameter's number in glibc's malloc.h."""


def before_import(chosen):
    """Apply the settings that must hold before a framework is imported: processors, and those of `perturb`."""
    if "address-layout" in chosen:
        perturb.address_layout(chosen["address-layout"])
    before_program(chosen)


def before_program(chosen):
    """The same for a program of the user's. Its address layout is set by the host, which starts the program."""
    if "affinity" in chosen:
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set(processors[: int(chosen["affinity"])]))
    for name, change in perturb.BY_NAME.items():
        if name in chosen:
            change(chosen[name])


def for_step(changed):
    """
    Apply the setting that can change between two steps of one process: `memory-fill`, the content of fresh memory.

    glibc fills memory as with the variable `MALLOC_PERTURB_`. Another C library has no `mallopt`: then nothing changes,
    and the canaries of the step show it.
    """
    fill = changed.get("memory-fill")
    if fill is not None:
        process = ctypes.CDLL(None)
        if hasattr(process, "mallopt"):
            process.mallopt(M_PERTURB, int(fill))


def after_import(chosen, framework):
    """Apply the settings that are calls of the framework (`threads`, `framework-switch`), by its `_state.py`."""
    if framework in ("torch", "tensorflow", "jax") and chosen:
        discovery.load("%s._state" % framework).apply(chosen)
