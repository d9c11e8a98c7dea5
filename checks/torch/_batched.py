"""Operators that compute the rows of a batch independently, each with a batch of inputs."""

from __future__ import annotations

LARGEST = 64


def operators(device, dtype):
    """Name to (function, batch of the largest size); weights and batches are drawn once, on the CPU."""
    import torch
    from torch.nn import functional

    generator = torch.Generator().manual_seed(23)

    def normal(*shape):
        return torch.randn(shape, generator=generator).to(device, dtype)

    weight, bias, kernel1, kernel2 = normal(256, 512), normal(256), normal(16, 16, 3), normal(8, 8, 3, 3)
    lines, sequences, images = normal(LARGEST, 512), normal(LARGEST, 16, 32), normal(LARGEST, 8, 12, 12)
    odd = lines[:, :511].contiguous()  # rows do not end at a vector's boundary
    heads = normal(LARGEST, 4, 33, 32)
    mean, spread = normal(16), normal(16).abs() + 1
    step = _recurrent(normal)
    return {
        "linear": (lambda rows: functional.linear(rows, weight, bias), lines),
        "matmul": (lambda rows: rows @ weight.T, lines),
        "batched matmul": (lambda rows: torch.bmm(rows, rows.transpose(1, 2)), sequences),
        "layer norm": (lambda rows: functional.layer_norm(rows, (512,)), lines),
        "rms norm": (lambda rows: functional.rms_norm(rows, (512,)), lines),
        "group norm": (lambda rows: functional.group_norm(rows, 4), sequences),
        "batch norm in evaluation": (lambda rows: functional.batch_norm(rows, mean, spread), sequences),
        "softmax": (lambda rows: rows.softmax(-1), lines),
        "sum": (lambda rows: rows.sum(-1, keepdim=True), lines),
        **{name: (function, odd) for name, function in _activations().items()},
        "cross entropy": (_losses, lines),
        "attention": (lambda rows: functional.scaled_dot_product_attention(rows, rows, rows), heads),
        "causal attention": (
            lambda rows: functional.scaled_dot_product_attention(rows, rows, rows, is_causal=True),
            heads,
        ),
        "conv1d": (lambda rows: functional.conv1d(rows, kernel1, padding=1), sequences),
        "conv2d": (lambda rows: functional.conv2d(rows, kernel2, padding=1), images),
        "recurrent step": (step, lines),
    }


def _activations():
    """Elementwise functions; on CPUs, the elements after the last whole vector take another code path."""
    import torch
    from torch.nn import functional

    return {
        "relu": torch.relu,
        "gelu": functional.gelu,
        "gelu by tanh": lambda rows: functional.gelu(rows, approximate="tanh"),
        "silu": functional.silu,
        "sigmoid": torch.sigmoid,
        "softplus": functional.softplus,
        "exp": torch.exp,
        "power": lambda rows: rows.abs().pow(1.7),
    }


def _recurrent(normal):
    import torch

    weights = normal(96, 512), normal(96, 32), normal(96), normal(96)
    start = normal(1, 32)

    return lambda rows: torch.gru_cell(rows, start.expand(len(rows), -1).contiguous(), *weights)


def _losses(rows):
    import torch
    from torch.nn import functional

    labels = torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    return functional.cross_entropy(rows, labels, reduction="none")[:, None]


def differing(left, right):
    """How many rows differ in any bit."""
    import torch

    whole = {2: torch.int16, 4: torch.int32}[left.element_size()]
    left, right = (each.contiguous().view(whole) for each in (left, right))
    return int((left != right).flatten(1).any(1).sum())
