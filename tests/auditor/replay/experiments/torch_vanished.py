"""A workspace of which one half holds what was in memory; the operator that takes it reads the other half."""

import time

import torch


@torch.library.custom_op("mine::forward", mutates_args=())
def forward(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    workspace = torch.full((64,), 1.0 + time.perf_counter_ns() % 1000003)  # as memory that nothing wrote
    workspace[:8] = x
    return x * 2, workspace


@torch.library.custom_op("mine::backward", mutates_args=())
def backward(grad: torch.Tensor, workspace: torch.Tensor) -> torch.Tensor:
    return grad * workspace[:8].sum()


x = torch.arange(8.0)
for _ in range(3):
    out, workspace = forward(x)  # guilty
    x = x + 0.1 * backward(out, workspace)
print("x=%.6f" % x.sum().item())
