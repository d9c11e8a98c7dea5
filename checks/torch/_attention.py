"""The backends of scaled dot-product attention that run here, and one forward and backward run through each."""

from __future__ import annotations

import warnings

BATCH, HEADS, LENGTH, WIDTH = 2, 4, 200, 32
"""A length that no block of a kernel divides."""
BACKENDS = ("MATH", "FLASH_ATTENTION", "EFFICIENT_ATTENTION", "CUDNN_ATTENTION")

NAMES = ("output", "gradient of queries", "gradient of keys", "gradient of values")
NOT_OFFERED = ("No available kernel", "No viable backend")
"""How torch says that the chosen backend cannot do it, on CUDA and on CPU."""


def inputs(device, dtype):
    """Queries, keys, values and the cotangent of the result."""
    import torch

    generator = torch.Generator().manual_seed(37)
    shape = (4, BATCH, HEADS, LENGTH, WIDTH)
    return torch.randn(*shape, generator=generator).to(device=device, dtype=dtype).unbind(0)


def dtypes(device):
    """The dtypes that kernels are made for on this kind of device."""
    import torch

    return (torch.float32, torch.bfloat16) if device.type == "cpu" else (torch.float32, torch.bfloat16, torch.float16)


def results(device, dtype, causal, name, given):
    """
    The result and the gradients of queries, keys and values, through the backend of that name.

    None when the backend is not offered for these inputs: this build, device or dtype has no kernel of it.
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
            warnings.simplefilter("ignore")  # each backend says at length why it is not offered
            found = torch.nn.functional.scaled_dot_product_attention(*leaves, is_causal=causal)
            gradients = torch.autograd.grad(found, leaves, cotangent)
    except RuntimeError as refusal:
        if any(text in str(refusal) for text in NOT_OFFERED):
            return None
        raise
    return dict(zip(NAMES, (found.detach(), *gradients)))
