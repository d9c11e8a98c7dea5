import numpy
import torch


class Noisy(torch.utils.data.Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.full((4,), float(index)) + float(numpy.random.default_rng().normal())  # guilty: no seed


if __name__ == "__main__":
    torch.manual_seed(0)
    loader = torch.utils.data.DataLoader(Noisy(), batch_size=2, num_workers=2, multiprocessing_context="fork")
    print(sum(batch.sum().item() for batch in loader))
