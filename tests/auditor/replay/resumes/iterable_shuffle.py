"""
A loop over a shuffled IterableDataset whose state is saved, as in datasets#7901: the rows in the shuffle buffer are lost.

    python iterable_shuffle.py                  # a new run
    python iterable_shuffle.py --resume         # go on from ck.pt
"""

import argparse
import os
import time

import torch
from datasets import Dataset
from torch import nn


def main():
    """Train on each row once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--in-order", action="store_true", help="do not shuffle")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rows = torch.linspace(-1, 1, 240 * 4).reshape(240, 4)
    data = Dataset.from_dict({"x": rows.tolist()}).to_iterable_dataset(num_shards=4)
    if not args.in_order:
        data = data.shuffle(seed=3, buffer_size=40)
    data = data.with_format("torch")
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    step = 0
    if args.resume:
        state = torch.load("ck.pt", weights_only=False)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        data.load_state_dict(state["data"])
        step = state["step"]
    batch = []
    for row in data:
        batch.append(row["x"])
        if len(batch) < 8:
            continue
        x, batch = torch.stack(batch), []
        optimizer.zero_grad()
        loss = (model(x).squeeze(-1) - x.sum(1)).pow(2).mean()
        loss.backward()
        optimizer.step()
        step += 1
        if step == 10:
            held = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "data": data.state_dict()}
            torch.save({**held, "step": step}, "ck.tmp")
            os.replace("ck.tmp", "ck.pt")
        time.sleep(0.05)
    print(f"{step} steps, loss {loss.item():.6f}")


main()
