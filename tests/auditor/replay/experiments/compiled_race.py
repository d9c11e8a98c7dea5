import torch

torch.manual_seed(0)
values, places = torch.randn(2000000), torch.randint(0, 1000, (2000000,))


@torch.compile
def bins(values):
    scaled = values * 2
    return torch.zeros(1000).index_put((places,), scaled, accumulate=True)  # guilty: its threads race


print(bins(values).sum().item().hex(), torch._dynamo.utils.counters["frames"]["ok"])
