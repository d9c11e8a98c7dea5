"""
An operator gives the same result for a row, up to rounding, alone and in a batch of any size.

Why: kernels are chosen by size, and vector instructions end in the middle of a row, so a result depends on the other
requests in the batch (pytorch#136338, pytorch#124025; vllm#5898: 80 different texts of 1000 at temperature 0). The
check computes every elementwise operator and every reduction of torch's test catalogue, and operators with weights or a
window, for a row alone and for the same row in batches of 2, 5 and 64, with float64 as reference. Differences within
rounding are recorded with their size and do not fail, because nobody promises equal bits. Larger ones fail.

Remedy: for equal bits, compute batches of one size, filled up with padding. For differences beyond rounding, avoid the
operator that the finding names, report it, and try another version of torch.
"""

from __future__ import annotations

import warnings

from ..agreement import agreement
from ..declare import Check
from . import _opdb, _opdb_rows, _state

CHECK = Check(
    tier="full",
    rule="within",
    needs=("numpy",),
    explains=("one-thread", "memory-fill"),
    under={"hash-seed": "0"},
)
SIZES = (2, 5, 64)


def measure(settings):
    """For each operator the agreement of a row alone with the same row in the batch where they differ most."""
    import torch

    names, readings, refused = settings.get("names", ()), {}, {}
    with _state.seeded(31), _opdb.environment_kept(), warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # deprecated operators are measured as well
        rows = torch.rand(max(SIZES), _opdb_rows.WIDTH) * 0.9 + 0.05  # inside the domain of most operators
        exact = _opdb_rows.rowwise(torch.float64, names)
        for name, function in _opdb_rows.rowwise(torch.float32, names).items():
            try:
                reading = _worst(function, exact[name], rows)
            except Exception as refusal:  # not every operator accepts such rows: recorded, not judged
                refused[name] = type(refusal).__name__
                continue
            if reading is not None:
                readings[name] = reading
    return dict(readings, conditions={"refused": refused, "threads": torch.get_num_threads()})


def _worst(function, exact, rows):
    """The agreement in the batch where the last row differs most from the row alone; None without floats."""
    alone = function(rows[-1:])
    if not alone.is_floating_point():
        return None
    reference = exact(rows[-1:].double())
    found = [agreement(alone, function(rows[-size:])[-1:], reference, rows.shape[1]) for size in SIZES]
    return max(found, key=lambda one: (one.get("not_finite", 1), one.get("max_ulp", 2**63)))
