"""
No operator returns memory that it did not write.

Why: an operator that leaves elements unwritten returns what the memory held before: zeros in a test, another tensor's
numbers in a long run (pytorch#193317; pytorch#176254, where 32 of 96 elements were never written). Some operators use
such memory as indices: `linalg.lstsq` with its default driver takes stale integers for pivots and gives other solutions
from call to call (pytorch#187411, pytorch#71222; seen with torch 2.13 on CPU). The check runs the same calls in
processes whose fresh memory holds 0xAA, 0x55 and zeros. `torch.empty` shows in each that the fill reaches torch.

Remedy: avoid the operator or the case that the finding names. For `lstsq`, pass `driver="gels"` or `"gelsd"`. Try
another version of torch. Clearing memory hides the fault but does not make the results right.
"""

from __future__ import annotations

import contextlib
import warnings

from ..declare import Check
from . import _cases, _operators, _state

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("repeat", "process", "memory-fill"),
    needs=("numpy",),
)
CANARY_BYTES = {"small": 256, "medium": 64 * 2**10, "large": 8 * 2**20}
"""One size from a heap bin, one cut from the heap, one that the C library maps separately."""
PRIMED_BYTES = (2**20, 64 * 2**20)
"""Both pools of CUDA's caching allocator."""


def measure(settings):
    """A digest of each operator's results, and the contents of `torch.empty` in this process."""
    values, canary = {}, {}
    with _state.seeded(11), _unfilled(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated forms are measured as well
        for prefix, device in _state.devices():
            for name, call in _operators.cases().items():
                _prime(device, settings)
                values[prefix + name] = _cases.outcome(lambda call=call, device=device: call(_operators.Maker(device)))
            canary.update(_canaries(prefix, device, settings))
    return dict(values, conditions={"canary": canary})


@contextlib.contextmanager
def _unfilled():
    """Turn off torch's own filling of `empty`, which a user may have switched on: it would hide the canaries."""
    import torch

    deterministic = torch.utils.deterministic
    before, deterministic.fill_uninitialized_memory = deterministic.fill_uninitialized_memory, False
    try:
        yield
    finally:
        deterministic.fill_uninitialized_memory = before


def _prime(device, settings):
    """Fill the free blocks of CUDA's allocator cache, which the C library's fill does not reach."""
    import torch

    if device.type == "cuda" and "memory-fill" in settings:
        blocks = [
            torch.full((size,), 255 - int(settings["memory-fill"]), dtype=torch.uint8, device=device)
            for size in PRIMED_BYTES
        ]
        del blocks


def _canaries(prefix, device, settings):
    """Size class, fresh and recycled, to the byte that fills its memory (two hex digits), or `mixed`."""
    if device.type == "cuda":
        _prime(device, settings)
        return {"%s%d bytes" % (prefix, size): _byte(_empty(size, device)) for size in PRIMED_BYTES}
    seen = {}
    for name, size in CANARY_BYTES.items():
        seen[name + " fresh"] = _byte(_empty(size, device))
        if name != "small":  # newer C libraries reuse small freed blocks without a fill
            _empty(size, device).fill_(7)
            seen[name + " recycled"] = _byte(_empty(size, device))
    return seen


def _empty(size, device):
    import torch

    return torch.empty(size, dtype=torch.uint8, device=device)


def _byte(tensor):
    low, high = (int(bound) for bound in tensor.aminmax())
    return "%02x" % low if low == high else "mixed"
