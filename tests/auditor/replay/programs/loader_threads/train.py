"""Train a classifier of short sounds; the spectrograms of each epoch are made by threads while the network trains."""

import argparse
import logging
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from preprocess import FRAME, Examples, make_signals
from torch import nn

log = logging.getLogger("train")


class SoundNet(nn.Module):
    """Convolutions over time, and the mean of what they find."""

    def __init__(self, classes=4, width=32):
        super().__init__()
        self.norm = nn.LayerNorm(FRAME // 2 + 1)
        self.conv = nn.Conv1d(FRAME // 2 + 1, width, 3, padding=1)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        """Map (batch, time, bins) to logits."""
        x = F.relu(self.conv(self.norm(x).transpose(1, 2)))
        return self.head(self.dropout(x.mean(dim=2)))


def batched(examples, size):
    """Stack examples into batches as they arrive; the last one may be smaller."""
    inputs, labels = [], []
    for x, label in examples:
        inputs.append(x)
        labels.append(label)
        if len(inputs) == size:
            yield torch.from_numpy(np.stack(inputs)), torch.tensor(labels)
            inputs, labels = [], []
    if inputs:
        yield torch.from_numpy(np.stack(inputs)), torch.tensor(labels)


def train_epoch(model, optimizer, examples, batch_size):
    """One pass; returns the mean loss and how long the network waited for data."""
    model.train()
    total, seen, waited = 0.0, 0, 0.0
    end = time.perf_counter()
    for x, y in batched(examples, batch_size):
        waited += time.perf_counter() - end
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        seen += len(y)
        end = time.perf_counter()
    return total / seen, waited


@torch.no_grad()
def evaluate(model, examples):
    """Share of right answers."""
    model.eval()
    results = [(model(x).argmax(dim=1) == y) for x, y in batched(examples, 100)]
    return torch.cat(results).float().mean().item()


def main():
    """Train for some epochs; keep the weights of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--signals", type=int, default=240)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2, help="of preprocessing")
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()

    level = logging.DEBUG if args.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s.%(msecs)03d %(name)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    folder = Path(f"run-{time.strftime('%Y-%m-%dT%H%M%S')}")
    folder.mkdir(exist_ok=True)

    signals, labels = make_signals(args.signals, seed=args.seed)
    test_signals, test_labels = make_signals(100, seed=args.seed + 1)
    order = np.random.default_rng(args.seed)
    model = SoundNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(1, args.epochs + 1):
        chosen = order.permutation(len(signals))
        train_examples = Examples([signals[i] for i in chosen], labels[chosen], args.threads)
        loss, waited = train_epoch(model, optimizer, train_examples, args.batch_size)
        accuracy = evaluate(model, Examples(test_signals, test_labels, args.threads))
        log.info("epoch %d loss %.4f accuracy %.3f, waited %.2f s for data", epoch, loss, accuracy, waited)
        torch.save(model.state_dict(), folder / f"epoch{epoch}.pt")
    log.info("weights are in %s", folder)


if __name__ == "__main__":
    main()
