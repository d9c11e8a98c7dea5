"""
Each backend of scaled dot-product attention gives the same bits every time, forward and backward.

Why: fused backward kernels add the gradients of several blocks into one place. Where they use atomic operations, the
order differs from call to call and the gradient of the queries changes (flash-attention#988, pytorch#166211). The check
calls each backend that runs here repeatedly on equal inputs, at a size that is split over threads.

Remedy: call `torch.use_deterministic_algorithms(True)`: flash and memory-efficient attention then add in a fixed order.
Or select a backend that repeats with `torch.nn.attention.sdpa_kernel`.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _attention, _cases, _state

SOURCE = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"
"""Torch documents one: through cuDNN, on CUDA."""
CHECK = Check(
    tier="full",
    rule="identical",
    across=("repeat",),
    needs=("numpy",),
    quiet=True,
    repeats=20,
    cure="framework-switch",
    explains=("one-thread",),
    requires={"threads": 2},
    documented={
        "cuda:%s cudnn_attention, %s" % (dtype, name): SOURCE
        for dtype in ("float32", "bfloat16", "float16")
        for name in _attention.NAMES
    },
)


def measure(settings):
    """A digest of the result and of each gradient, for each backend and dtype."""
    values = {}
    for prefix, device in _state.devices():
        for dtype in _attention.dtypes(device):
            given = _attention.inputs(device, dtype)
            for name in _attention.BACKENDS:
                kind = "%s%s %s" % (prefix, str(dtype).replace("torch.", ""), name.lower())
                if _asked_for(kind, settings):
                    found = _attention.results(device, dtype, False, name, given) or {}
                    values.update({"%s, %s" % (kind, each): digest(found[each]) for each in found})
    return dict(values, conditions={"threads": _cases.usable_threads()})


def _asked_for(kind, settings):
    return any(name.startswith(kind) for name in settings.get("names", (kind,)))
