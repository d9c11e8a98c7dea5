"""
The backends of scaled dot-product attention agree with the plain formula up to rounding, forward and backward.

Why: torch chooses among math, flash, memory-efficient and cuDNN attention by shape, dtype and device, and a model that
moves to another of them gets other bits; some have been wrong for masks or in one gradient (pytorch#123656,
pytorch#166211, flash-attention#988: only the gradient of the queries). Each that runs here is compared with the math
backend, and both with the formula in float64, plain and causal, in each dtype that has kernels.

Remedy: fix the backend for training and for inference alike, `with torch.nn.attention.sdpa_kernel(SDPBackend.MATH)`, or
`torch.backends.cuda.enable_flash_sdp(False)` and its siblings for the one that the finding names.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check, NotApplicable
from . import _attention, _state

CHECK = Check(severity="critical", tier="full", rule="within", across=(), needs=("numpy",), explains=("memory-fill",))
TERMS = _attention.WIDTH + _attention.LENGTH
"""The longest sum behind an element of the result in float32: a score over the width, then a row over the length."""
ROUNDINGS = 8
"""How often a value is rounded on its way in the narrow dtypes, whose sums are kept in float32."""


def measure(settings):
    """The agreement of the math backend and each other backend, for the result and each gradient."""
    import torch

    values = {}
    for prefix, device in _state.devices():
        for dtype in _attention.dtypes(device):
            for causal in (False, True):
                kind = "%s%s%s" % (prefix, str(dtype).replace("torch.", ""), " causal" if causal else "")
                values.update(_agreements(torch, device, dtype, causal, kind))
    if not values:
        raise NotApplicable("no backend but the plain formula runs here")
    return values


def _agreements(torch, device, dtype, causal, kind):
    given = _attention.inputs(device, dtype)
    exact = _attention.results(
        torch.device("cpu"), torch.float64, causal, "MATH", [each.cpu().double() for each in given]
    )
    plain, values = _attention.results(device, dtype, causal, "MATH", given), {}
    terms = 2 * TERMS if dtype == torch.float32 else ROUNDINGS
    for name in _attention.BACKENDS[1:]:
        found = _attention.results(device, dtype, causal, name, given)
        for tensor in found or ():
            label = "%s, %s/%s" % (tensor, kind, name.lower().replace("_attention", ""))
            values[label] = agreement(plain[tensor], found[tensor], exact[tensor], terms)
    return values
