"""Train an image classifier with augmentation in two loader processes, and test on some batches after each epoch."""

import argparse
import os
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from dataset import AugmentedImages
from torch import nn
from torch.utils.data import DataLoader


class AverageMeter:
    """Mean of what was added."""

    def __init__(self, name):
        self.name, self.total, self.count = name, 0.0, 0

    def update(self, value, n=1):
        """Add a value that stands for `n` items."""
        self.total += value * n
        self.count += n

    def __str__(self):
        """Name and mean."""
        return f"{self.name} {self.total / max(self.count, 1):.4f}"


def make_model(classes=6):
    """Two convolution blocks and a linear layer."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(64, classes),
    )


def worker_init(worker_id):
    """Use one thread in each worker."""
    torch.set_num_threads(1)
    print(f"loader worker {worker_id}: process {os.getpid()}", flush=True)


def train(loader, model, optimizer, scheduler, epoch, args):
    """One epoch."""
    losses, data_time, batch_time = AverageMeter("loss"), AverageMeter("data"), AverageMeter("batch")
    model.train()
    end = time.time()
    for step, (images, labels) in enumerate(loader):
        data_time.update(time.time() - end)
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.update(loss.item(), len(images))
        batch_time.update(time.time() - end)
        end = time.time()
        if step % args.print_freq == 0:
            print(f"Epoch [{epoch}][{step}/{len(loader)}] {losses} {data_time} s {batch_time} s", flush=True)


@torch.no_grad()
def validate(loader, model, most):
    """Accuracy on the first batches of the loader."""
    accuracy = AverageMeter("accuracy")
    model.eval()
    for step, (images, labels) in enumerate(loader):
        if step == most:
            break
        accuracy.update((model(images).argmax(dim=1) == labels).float().mean().item(), len(images))
    return accuracy


def main():
    """Make loaders and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--eval-batches", type=int, default=5)
    parser.add_argument("--print-freq", type=int, default=10)
    parser.add_argument("--seed", type=int, default=3407)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    folder = Path("runs") / f"{time.strftime('%b%d_%H-%M-%S')}_{os.uname().nodename}"
    folder.mkdir(parents=True, exist_ok=True)

    train_set = AugmentedImages(1200, seed=1, augment=True)
    test_set = AugmentedImages(600, seed=2, augment=False)
    common = {"batch_size": args.batch_size, "num_workers": args.workers, "worker_init_fn": worker_init}
    train_loader = DataLoader(train_set, shuffle=True, drop_last=True, **common)
    test_loader = DataLoader(test_set, shuffle=True, **common)

    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5 * args.lr, args.epochs * len(train_loader))

    for epoch in range(args.epochs):
        began = time.time()
        train(train_loader, model, optimizer, scheduler, epoch, args)
        accuracy = validate(test_loader, model, args.eval_batches)
        print(f" * epoch {epoch}: {accuracy}, {time.time() - began:.1f} s")
        torch.save({"epoch": epoch, "state_dict": model.state_dict()}, folder / "checkpoint.pth.tar")
    print(f"wrote {folder}")


if __name__ == "__main__":
    main()
