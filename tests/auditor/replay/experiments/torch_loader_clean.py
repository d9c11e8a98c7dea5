import random
import sys

import numpy
import torch


class Noisy(torch.utils.data.Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.rand(4) + random.random() + numpy.random.rand() + index


def seed_all(_worker):
    seed = torch.initial_seed() % 2**32
    random.seed(seed)
    numpy.random.seed(seed)


if __name__ == "__main__":
    torch.manual_seed(0)
    how = (sys.argv[1:] or ["fork"])[0]
    loader = torch.utils.data.DataLoader(
        Noisy(), batch_size=2, num_workers=2, multiprocessing_context=how, worker_init_fn=seed_all, shuffle=True
    )
    print([batch.sum().item() for _ in range(2) for batch in loader])
