import torch

scratch = torch.empty(100000)
junk = scratch * 2 + 1
draw = torch.randn(3)  # guilty: nothing seeds torch, and this is what is read
print(draw.numpy())
