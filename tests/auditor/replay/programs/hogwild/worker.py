"""What each process does: its own shuffling, its own gradients, steps on the shared weights."""

import os
import time

import torch
import torch.nn.functional as F
from net import make_data
from torch.utils.data import DataLoader, TensorDataset


def train(rank, args, model, lock):
    """Train the shared model for some epochs over this worker's part of the data."""
    torch.manual_seed(args.seed + rank)
    torch.set_num_threads(1)
    features, labels = make_data(args.examples, seed=100 + rank)
    loader = DataLoader(TensorDataset(features, labels), batch_size=args.batch_size, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum)
    for epoch in range(1, args.epochs + 1):
        train_epoch(rank, epoch, args, model, loader, optimizer, lock)


def train_epoch(rank, epoch, args, model, loader, optimizer, lock):
    """One epoch, with a line of log now and then."""
    model.train()
    pid, began = os.getpid(), time.monotonic()
    for index, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        if lock is None:
            optimizer.step()
        else:
            with lock:
                optimizer.step()
        if index % args.log_interval == 0:
            rate = (index + 1) * args.batch_size / (time.monotonic() - began)
            print(f"{pid}\trank {rank} epoch {epoch} [{index}/{len(loader)}] loss {loss.item():.5f} {rate:.0f} ex/s")


@torch.no_grad()
def test(args, model):
    """Loss and accuracy on data that no worker has seen."""
    torch.set_num_threads(1)
    model.eval()
    features, labels = make_data(1000, seed=args.seed + 5000)
    output = model(features)
    accuracy = (output.argmax(dim=1) == labels).float().mean().item()
    return F.cross_entropy(output, labels).item(), accuracy
