"""
A row's result does not depend on the batch size, on the other rows of the batch, or on its position.

Why: matrix products choose their kernel by batch size, so a sample's bits change with the samples that are computed
together with it; a served model gave 80 different answers to 1000 equal prompts ("Defeating nondeterminism in LLM
inference"; pytorch#136338, pytorch#124025, vllm#5898). The check compares rows in batches of 2, 7 and 64 with the row
alone and with the row at another position. PyTorch does not promise equal bits here. On CPUs even `sigmoid` and `silu`
differ, because the last elements of a tensor take another code path (pytorch#196999). The values of the other rows must
change nothing: no documentation allows that.

Remedy: use one batch size in training and evaluation (pad the last batch) and give each sample a fixed position. Keep
the length of rows a multiple of 64. On CPUs, bfloat16 was invariant where float32 was not. On GPUs, use batch-invariant
kernels where the server offers them.
"""

from __future__ import annotations

from ..declare import Check
from . import _batched, _state

SOURCE = "https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html#batched-computations-or-slice-computations"
SIZES = (2, 7, _batched.LARGEST)
DTYPES = ("float32", "bfloat16")
SAME = "no row differs"

CHECK = Check(
    tier="full",
    rule="expected",
    documented={
        prefix + kind % size: SOURCE
        for prefix in ("", "cuda:")
        for kind in ("b1-b%d", "place-in-b%d")
        for size in SIZES
    },
)


def measure(settings):
    """For each operator, dtype and size: how many rows differ from the row alone, moved, or beside other rows."""
    import torch

    values = {}
    with torch.no_grad():
        for prefix, device in _state.devices():
            for dtype in DTYPES:
                for name, (function, rows) in _batched.operators(device, getattr(torch, dtype)).items():
                    for kind, told in _compared(function, rows).items():
                        values["%s%s %s %s" % (prefix, kind, name, dtype)] = {"expected": SAME, "observed": told}
    return values


def _compared(function, rows):
    """Kind of comparison to the number of rows that differ, as text."""
    import torch

    alone = torch.cat([function(row[None]) for row in rows])
    found = {}
    for size in SIZES:
        batch = rows[:size].contiguous()
        result = function(batch)
        found["b1-b%d" % size] = _told(alone[:size], result)
        found["place-in-b%d" % size] = _told(result.roll(1, 0), function(batch.roll(1, 0)))
        half = size // 2
        others = torch.cat([batch[:half], 3 * batch.flip(0)[half:]])
        found["neighbours-in-b%d" % size] = _told(result[:half], function(others)[:half])
    return found


def _told(left, right):
    count = _batched.differing(left, right)
    return "%d of %d rows differ" % (count, len(left)) if count else SAME
