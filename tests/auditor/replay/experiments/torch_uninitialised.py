import torch

torch.manual_seed(0)
sizes = [torch.randn(1000) for _ in range(20)]
del sizes
sums = torch.empty(1000)  # guilty: never written before it is added to
sums += torch.ones(1000)
print(sums.sum().item())
