"""
The backends of scaled dot-product attention agree with the plain formula up to rounding, forward and backward.

Why: torch chooses the math, flash, memory-efficient or cuDNN kernel of attention by shape, dtype and device, and a
model that switches kernels gets different bits. Some kernels have been wrong for masks or for one gradient
(pytorch#123656, pytorch#166211, flash-attention#988: only the gradient of the queries). The check compares each backend
that runs here with the math backend, plain and causal, in each dtype that has kernels. The reference is the formula in
float64.

Remedy: use the same backend in training and in inference: `with torch.nn.attention.sdpa_kernel(SDPBackend.MATH)`. Or
switch off the backend that the finding names: `torch.backends.cuda.enable_flash_sdp(False)` or its siblings.
"""

from __future__ import annotations

from ..agreement import agreement
from ..declare import Check, NotApplicable
from . import _attention, _state

CHECK = Check(tier="full", rule="within", across=(), needs=("numpy",), explains=("memory-fill",))
TERMS = 2 * _attention.WIDTH + _attention.LENGTH
"""The longest sum behind an element of the result in float32: a score over the width, then a row over the length."""
WAYS = {"": (False, False), " causal": (True, False), " permuted": (False, True)}
"""Name to whether it is causal, and whether its inputs are permuted views."""
ROUNDINGS = 8
"""How often a value is rounded on its way in the narrow dtypes, whose sums are kept in float32."""


def measure(settings):
    """The agreement of the math backend and each other backend, for the result and each gradient."""
    values = {}
    for prefix, device in _state.devices():
        for dtype in _attention.dtypes(device):
            for way, (causal, permuted) in WAYS.items():
                kind = "%s%s%s" % (prefix, str(dtype).replace("torch.", ""), way)
                given = _attention.inputs(device, dtype, permuted)
                values.update(_agreements(given, device, dtype, causal, kind))
    if not values:
        raise NotApplicable("no backend but the plain formula runs here")
    return values


def _agreements(given, device, dtype, causal, kind):
    import torch

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
