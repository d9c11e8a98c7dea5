from concurrent.futures import ThreadPoolExecutor

import torch

torch.manual_seed(0)
parts = [torch.randn(50, 50) for _ in range(12)]


def work(part):
    return (part @ part.T).relu().sum()


with ThreadPoolExecutor(4) as pool:
    print(sum(one.item() for one in pool.map(work, parts)))
