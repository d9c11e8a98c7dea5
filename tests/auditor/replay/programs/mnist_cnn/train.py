"""Train a small CNN on synthetic digits, with a log file and a checkpoint for each epoch."""

import argparse
import json
import logging
import os
import socket
import time

import numpy as np
import torch
import torch.nn.functional as F
from data import CLASSES, make_split
from torch import nn

log = logging.getLogger("mnist_cnn")


class Net(nn.Module):
    """Two convolutions, dropout, and two linear layers."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.conv2 = nn.Conv2d(8, 16, 3)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(16 * 12 * 12, 64)
        self.fc2 = nn.Linear(64, CLASSES)

    def forward(self, x):
        """Return log probabilities of the classes."""
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.dropout(F.max_pool2d(x, 2))
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return F.log_softmax(self.fc2(x), dim=1)


def parse_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--train-images", type=int, default=1920)
    parser.add_argument("--test-images", type=int, default=500)
    parser.add_argument("--log-interval", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default="checkpoints")
    return parser.parse_args()


def set_up_logging(folder):
    """Log to the console and to a file in the output folder."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        handlers=[logging.StreamHandler(), logging.FileHandler(os.path.join(folder, "train.log"))],
    )
    log.info("host %s, process %d, torch %s", socket.gethostname(), os.getpid(), torch.__version__)


def batches(images, labels, size, *, shuffle):
    """Yield tensors of images and labels."""
    order = np.arange(len(images))
    if shuffle:
        order = np.random.permutation(len(images))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        yield torch.from_numpy(images[chosen]), torch.from_numpy(labels[chosen])


def train_epoch(model, optimizer, data, epoch, args):
    """Run one epoch and return the mean loss."""
    model.train()
    images, labels = data
    total, seen = 0.0, 0
    began = time.time()
    for step, (x, y) in enumerate(batches(images, labels, args.batch_size, shuffle=True), start=1):
        step_began = time.perf_counter()
        optimizer.zero_grad()
        loss = F.nll_loss(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        seen += len(x)
        if step % args.log_interval == 0:
            milliseconds = 1000 * (time.perf_counter() - step_began)
            rate = seen / (time.time() - began)
            log.info(
                "epoch %d step %3d loss %.4f  %.1f ms/step  %.0f images/s", epoch, step, loss.item(), milliseconds, rate
            )
    return total / seen


@torch.no_grad()
def evaluate(model, data, batch_size):
    """Return mean loss and accuracy."""
    model.eval()
    images, labels = data
    loss, correct = 0.0, 0
    for x, y in batches(images, labels, batch_size, shuffle=False):
        output = model(x)
        loss += F.nll_loss(output, y, reduction="sum").item()
        correct += (output.argmax(dim=1) == y).sum().item()
    return loss / len(images), correct / len(images)


def save(model, optimizer, epoch, path):
    """Write a checkpoint and say how large it is."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch, "time": time.time()}
    torch.save(state, path)
    log.info("saved %s (%d KiB)", path, os.path.getsize(path) // 1024)


def main():
    """Train, evaluate and save."""
    args = parse_args()
    os.makedirs(args.output, exist_ok=True)
    set_up_logging(args.output)
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)

    train_data = make_split(args.train_images, split_seed=10)
    test_data = make_split(args.test_images, split_seed=11)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)

    history = []
    began = time.time()
    for epoch in range(1, args.epochs + 1):
        train_loss = train_epoch(model, optimizer, train_data, epoch, args)
        test_loss, accuracy = evaluate(model, test_data, 250)
        scheduler.step()
        log.info("epoch %d: train %.4f, test %.4f, accuracy %.2f %%", epoch, train_loss, test_loss, 100 * accuracy)
        history.append({"epoch": epoch, "train_loss": train_loss, "test_loss": test_loss, "accuracy": accuracy})
        save(model, optimizer, epoch, os.path.join(args.output, f"epoch_{epoch}.pt"))

    with open(os.path.join(args.output, "history.json"), "w", encoding="utf-8") as file:
        json.dump({"history": history, "seconds": time.time() - began}, file, indent=2)
    log.info("done in %.1f s", time.time() - began)


if __name__ == "__main__":
    main()
