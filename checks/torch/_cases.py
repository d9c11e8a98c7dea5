"""Runs one case of a table, and records the conditions under which it ran."""

from __future__ import annotations

import os

from ..fingerprint import digest


def outcome(call):
    """
    The digest of what `call` gives, or `refused: ...` with the exception's type.

    A build, a version or a switch may lack a kernel: a refusal is a value too, and is compared like the others.
    The exception's text is left out, because it may hold an address. A test ensures that nothing is refused here.
    """
    try:
        return digest(call())
    except Exception as refusal:  # becomes the value
        return "refused: %s" % type(refusal).__name__


def usable_threads():
    """Intra-op threads that can run at once: no more than the processors this process may use."""
    import torch

    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(torch.get_num_threads(), processors)
