"""
Distributed data parallel training on CPUs with gloo.

    python -m torch.distributed.run --standalone --nproc_per_node 2 train.py

Each rank adds noise of its own to its images. Rank 0 logs, evaluates and saves.
"""

import argparse
import os
import time
from contextlib import suppress

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler


def parse_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32, help="of each rank")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--noise", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-dir", default="checkpoints")
    return parser.parse_args()


def make_dataset(count, seed, classes=5):
    """Rings and bars of some sizes, (count, 1, 16, 16)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, size=count)
    y, x = np.mgrid[-8:8, -8:8]
    centre = rng.uniform(-2, 2, size=(count, 2, 1, 1))
    radius = np.hypot(y - centre[:, 0], x - centre[:, 1])
    images = np.exp(-((radius - labels[:, None, None] - 1.5) ** 2)) + 0.2 * rng.normal(size=(count, 16, 16))
    return TensorDataset(torch.tensor(images[:, None], dtype=torch.float32), torch.tensor(labels))


def log(message):
    """Print on rank 0."""
    if dist.get_rank() == 0:
        print(f"[{time.strftime('%H:%M:%S')}] {message}", flush=True)


class Trainer:
    """Holds what a rank needs to train."""

    def __init__(self, model, train_set, args):
        self.args, self.rank, self.world = args, dist.get_rank(), dist.get_world_size()
        self.sampler = DistributedSampler(train_set, shuffle=True, seed=args.seed)
        self.loader = DataLoader(train_set, batch_size=args.batch_size, sampler=self.sampler)
        self.model = DistributedDataParallel(model)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=args.lr, momentum=0.9)
        self.generator = torch.Generator()
        self.generator.manual_seed(1000 * args.seed + self.rank)

    def augment(self, images):
        """Add noise."""
        noise = torch.randn(images.shape, generator=self.generator)
        return images + self.args.noise * noise

    def epoch(self, number):
        """Train for one epoch; return the mean loss of all ranks and images per second."""
        self.sampler.set_epoch(number)
        self.model.train()
        began, total = time.perf_counter(), torch.zeros(2)
        for images, labels in self.loader:
            loss = F.cross_entropy(self.model(self.augment(images)), labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += torch.tensor([loss.item() * len(images), len(images)])
        dist.all_reduce(total)
        return (total[0] / total[1]).item(), total[1].item() / (time.perf_counter() - began)


@torch.no_grad()
def accuracy(model, dataset):
    """Share of right answers."""
    images, labels = dataset.tensors
    return (model.eval()(images).argmax(dim=1) == labels).float().mean().item()


def save(model, path):
    """Write the weights and point `latest` at them."""
    torch.save(model.state_dict(), path)
    latest = os.path.join(os.path.dirname(path), "latest.pt")
    with suppress(FileNotFoundError):
        os.remove(latest)
    os.symlink(os.path.basename(path), latest)


def main():
    """Join the group, train, save."""
    args = parse_args()
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    print(f"rank {dist.get_rank()} of {dist.get_world_size()}: process {os.getpid()}", flush=True)
    torch.manual_seed(args.seed)

    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 64, 64),
        nn.ReLU(),
        nn.Linear(64, 5),
    )
    trainer = Trainer(model, make_dataset(1200, seed=21), args)
    test_set = make_dataset(400, seed=22)
    os.makedirs(args.save_dir, exist_ok=True)
    for number in range(args.epochs):
        loss, rate = trainer.epoch(number)
        right = accuracy(model, test_set)
        log(f"epoch {number} loss {loss:.4f} accuracy {right:.3f} ({rate:.0f} images/s)")

    dist.barrier()
    if dist.get_rank() == 0:
        path = os.path.join(args.save_dir, f"model_{time.strftime('%Y%m%d_%H%M%S')}.pt")
        save(model, path)
        print("saved", path, flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
