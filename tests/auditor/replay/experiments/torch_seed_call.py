import torch

torch.manual_seed(0)
kept = torch.randn(3)
torch.seed()
values = torch.randn(3)  # guilty: the last seed was the system's
print((kept + values).sum().item())
