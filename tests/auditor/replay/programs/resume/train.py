"""
Train a regressor on a table, with a checkpoint `ck.pt` after each epoch from which a run can go on.

    python train.py                 # a new run
    python train.py --resume        # go on from ck.pt for further epochs
"""

import argparse
import os
import sys
import tempfile
import time

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


def make_table(rows=6000, columns=12):
    """Features and a target with interactions and noise."""
    rng = np.random.default_rng(2024)
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    y = np.sin(x[:, 0] * x[:, 1]) + 0.5 * x[:, 2] ** 2 - x[:, 3] + 0.1 * rng.normal(size=rows)
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y.astype(np.float32)).unsqueeze(1))


class Regressor(nn.Module):
    """A multilayer perceptron with layer norm and dropout."""

    def __init__(self, columns=12, width=96):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(columns, width),
            nn.LayerNorm(width),
            nn.GELU(),
            nn.Dropout(0.1),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Linear(width, 1),
        )

    def forward(self, x):
        """Predict (N, 1)."""
        return self.layers(x)


def save_checkpoint(path, model, optimizer, epoch, best):
    """Write beside the file and move, so that a stopped run leaves no half of a checkpoint."""
    folder = os.path.dirname(os.path.abspath(path))
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".tmp", delete=False) as file:
        torch.save(
            {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "epoch": epoch,
                "best": best,
                "saved": time.ctime(),
                "command": sys.argv,
            },
            file,
        )
    os.replace(file.name, path)


def load_checkpoint(path, model, optimizer):
    """Restore the model and the optimizer; return the number of finished epochs and the best loss."""
    state = torch.load(path)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    print(f"resumed from {path}: epoch {state['epoch']}, saved {state['saved']}")
    return state["epoch"], state["best"]


def run_epoch(model, loader, loss_function, optimizer=None):
    """Mean loss over a loader; with an optimizer, train."""
    model.train(optimizer is not None)
    total, rows = 0.0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            loss = loss_function(model(x), y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(x)
            rows += len(x)
    return total / rows


def main():
    """Train for some epochs, from the start or from a checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=4, help="epochs of this run")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", default="ck.pt")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    train_set, valid_set = random_split(make_table(), [5000, 1000])
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    valid_loader = DataLoader(valid_set, batch_size=500)

    model = Regressor()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    loss_function = nn.SmoothL1Loss()

    start, best = 0, float("inf")
    if args.resume:
        start, best = load_checkpoint(args.checkpoint, model, optimizer)

    for epoch in range(start + 1, start + args.epochs + 1):
        began = time.perf_counter()
        train_loss = run_epoch(model, train_loader, loss_function, optimizer)
        valid_loss = run_epoch(model, valid_loader, loss_function)
        seconds = time.perf_counter() - began
        rate = len(train_set) / seconds
        print(f"epoch {epoch}: train {train_loss:.5f} valid {valid_loss:.5f} | {seconds:.2f} s, {rate:.0f} rows/s")
        best = min(best, valid_loss)
        save_checkpoint(args.checkpoint, model, optimizer, epoch, best)
    print(f"best valid loss {best:.5f}")


if __name__ == "__main__":
    main()
