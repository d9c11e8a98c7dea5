"""Train a small residual network on a folder of images, with TensorBoard."""

import argparse
import socket
import time
from datetime import datetime
from pathlib import Path

import torch
import torch.nn.functional as F
from folder import NumpyFolder
from prepare import prepare
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter


class Block(nn.Module):
    """Two convolutions around which the input is added."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        """Keep the shape."""
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


def make_model(classes):
    """Stem, one block, pooling, classifier."""
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, stride=2, padding=1),
        nn.ReLU(),
        Block(12),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(192, classes),
    )


def run_folder(root, comment):
    """Like TensorBoard's own: date, host, comment."""
    return Path(root) / f"{datetime.now():%b%d_%H-%M-%S}_{socket.gethostname()}_{comment}"


def fit(model, train_set, test_set, args):
    """Train, log scalars, save the best weights; returns the history of accuracies."""
    writer = SummaryWriter(log_dir=str(run_folder("runs", f"lr{args.lr}")))
    writer.add_text("settings", str(vars(args)))
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=80)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    step, history = 0, []
    for epoch in range(args.epochs):
        began = time.time()
        model.train()
        for images, labels in train_loader:
            loss = F.cross_entropy(model(images), labels, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            writer.add_scalar("train/loss", loss.item(), step)
            writer.add_scalar("train/images_per_second", len(images) * (step + 1) / (time.time() - began), step)
            step += 1
        history.append(evaluate(model, test_loader))
        writer.add_scalar("test/accuracy", history[-1], epoch)
        writer.add_histogram("head", model[-1].weight, epoch)
        print(f"epoch {epoch}: loss {loss.item():.4f} accuracy {history[-1]:.3f} ({time.time() - began:.2f} s)")
        if history[-1] == max(history):
            torch.save({"model": model.state_dict(), "classes": train_set.classes}, Path(writer.log_dir) / "best.pt")
    return history


@torch.no_grad()
def evaluate(model, loader):
    """Share of right answers."""
    model.eval()
    right = sum((model(images).argmax(dim=1) == labels).sum().item() for images, labels in loader)
    return right / len(loader.dataset)


def main():
    """Prepare the data, train, and print the best accuracy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=17)
    args = parser.parse_args()

    prepare(args.data)
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    train_set, test_set = NumpyFolder(args.data / "train"), NumpyFolder(args.data / "test")
    test_set.class_to_idx = train_set.class_to_idx
    print(train_set)
    model = make_model(len(train_set.classes))
    history = fit(model, train_set, test_set, args)
    print(f"best accuracy {max(history):.3f}")


if __name__ == "__main__":
    main()
