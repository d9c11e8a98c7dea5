import torch

torch.manual_seed(0)
values, places = torch.randn(2000000), torch.randint(0, 100000, (2000000,))
bins = torch.zeros(100000)
bins.index_put_((places,), values, accumulate=True)  # guilty: its threads race
print(bins.sum().item())
