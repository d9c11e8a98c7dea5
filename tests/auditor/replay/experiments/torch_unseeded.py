import torch

inputs = torch.ones(3)
noise = torch.randn(3)  # guilty: nothing seeds torch
print((inputs * noise).sum().item())
