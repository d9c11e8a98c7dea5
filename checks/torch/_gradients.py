"""Gradients of a torch function at seeded inputs."""

from __future__ import annotations


def gradients(function, *inputs):
    """The result of `function` and the gradients of all inputs, under a cotangent that differs for every element."""
    import torch

    leaves = [each.detach().clone().requires_grad_() for each in inputs]
    result = function(*leaves)
    cotangent = torch.linspace(-1, 1, max(result.numel(), 1), device=result.device)[: result.numel()]
    found = torch.autograd.grad(result, leaves, cotangent.reshape(result.shape).to(result.dtype))
    return [result, *found]
