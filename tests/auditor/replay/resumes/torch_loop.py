"""
A loop of one's own with all that a checkpoint must hold; `--leave-out` names what the resumed run does not restore.

    python torch_loop.py                                 # a new run
    python torch_loop.py --resume --leave-out optimizer  # go on from ck.pt
"""

import argparse
import os
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, Sampler, TensorDataset

ROWS, BATCH, EPOCHS, SAVE_EVERY = 128, 16, 3, 5


class Order(Sampler):
    """A shuffled order that can go on in the middle of an epoch."""

    def __init__(self):
        self.epoch = self.start = 0

    def __iter__(self):
        order = torch.randperm(ROWS, generator=torch.Generator().manual_seed(7 + self.epoch)).tolist()
        start, self.start = self.start, 0
        return iter(order[start:])

    def __len__(self):
        return ROWS - self.start


def main():
    """Train for some epochs, from the start or from a checkpoint."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--leave-out", default="")
    args = parser.parse_args()
    out = args.leave_out.split(",")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    x = torch.randn(ROWS, 8)
    order = Order()
    loader = DataLoader(TensorDataset(x, (x[:, :1] * x[:, 1:2]).sin()), batch_size=BATCH, sampler=order)
    model = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=64)
    scaler = torch.amp.GradScaler("cpu", growth_interval=7)
    parts = {"optimizer": optimizer, "scheduler": scheduler, "scaler": scaler}
    epoch = batch = 0
    if args.resume:
        state = torch.load("ck.pt")
        if "buffers" in out:
            state["model"] = {name: one for name, one in state["model"].items() if "running" not in name}
        model.load_state_dict(state["model"], strict="buffers" not in out)
        for name, part in parts.items():
            if name not in out:
                part.load_state_dict(state[name])
        epoch = state["epoch"]
        batch = 0 if "position" in out else state["batch"] + 2 * ("two-batches" in out)
    first = epoch
    for epoch in range(first, EPOCHS):
        order.epoch, order.start = epoch, batch * BATCH
        batches = iter(loader)  # which draws the seed of its workers
        if args.resume and epoch == first and "generator" not in out:
            torch.set_rng_state(state["generator"])
        for number, (x, y) in enumerate(batches, batch + 1):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            scheduler.step()
            if number % SAVE_EVERY == 0:
                held = {name: part.state_dict() for name, part in {"model": model, **parts}.items()}
                torch.save({**held, "epoch": epoch, "batch": number, "generator": torch.get_rng_state()}, "ck.tmp")
                os.replace("ck.tmp", "ck.pt")
                time.sleep(0.5)
        batch = 0
    print(f"loss {loss.item():.6f}")


main()
