"""The backends of scaled dot-product attention that run here, and one forward and backward run through each."""

from __future__ import annotations

import warnings

BATCH, HEADS, LENGTH, WIDTH = 2, 4, 200, 32
"""A length that is no multiple of any kernel's block size."""
BACKENDS = ("MATH", "FLASH_ATTENTION", "EFFICIENT_ATTENTION", "CUDNN_ATTENTION")

NAMES = ("output", "gradient of queries", "gradient of keys", "gradient of values")
NOT_OFFERED = ("No available kernel", "No viable backend")
"""Torch's messages for a backend that cannot run, on CUDA and on CPU."""


def inputs(device, dtype, permuted=False):
    """
    Queries, keys, values and the cotangent of the result: (batch, heads, length, width).

    Permuted ones are views of (batch, length, heads, 2 * width), as most models have them.
    """
    import torch

    generator = torch.Generator().manual_seed(37)
    shape = (4, BATCH, LENGTH, HEADS, 2 * WIDTH) if permuted else (4, BATCH, HEADS, LENGTH, WIDTH)
    drawn = torch.randn(*shape, generator=generator).to(device=device, dtype=dtype)
    return (drawn.transpose(2, 3) if permuted else drawn).unbind(0)


def dtypes(device):
    """The dtypes that have kernels on this kind of device."""
    import torch

    return (torch.float32, torch.bfloat16) if device.type == "cpu" else (torch.float32, torch.bfloat16, torch.float16)


def results(device, dtype, causal, name, given):
    """
    The result and the gradients of queries, keys and values, computed by the named backend.

    None when the backend has no kernel for this build, device or dtype.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    backend = getattr(SDPBackend, name, None)
    if backend is None:
        return None
    query, key, value, cotangent = given
    leaves = [each.detach().clone().requires_grad_() for each in (query, key, value)]
    try:
        with warnings.catch_warnings(), sdpa_kernel([backend]):
            warnings.simplefilter("ignore")  # each backend warns at length why it cannot run
            found = torch.nn.functional.scaled_dot_product_attention(*leaves, is_causal=causal)
            gradients = torch.autograd.grad(found, leaves, cotangent)
    except RuntimeError as refusal:
        if any(text in str(refusal) for text in NOT_OFFERED):
            return None
        raise
    return dict(zip(NAMES, (found.detach(), *gradients)))
