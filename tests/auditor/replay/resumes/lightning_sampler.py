"""
A Lightning run whose sampler shuffles by epoch, as in lightning#21938: with workers the first resumed epoch is epoch 0's.

    python lightning_sampler.py                  # a new run
    python lightning_sampler.py --resume         # go on from the checkpoint that was written last
"""

import argparse
import time
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, Sampler, TensorDataset

ROWS = 64


class ByEpoch(Sampler):
    """Another order in each epoch, drawn from its number."""

    epoch = 0

    def set_epoch(self, epoch):
        """Called by Lightning."""
        self.epoch = epoch

    def __iter__(self):
        return iter(torch.randperm(ROWS, generator=torch.Generator().manual_seed(self.epoch)).tolist())

    def __len__(self):
        return ROWS


class Net(lightning.LightningModule):
    """A regressor."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))

    def training_step(self, batch, _):
        """The loss."""
        (x,) = batch
        return (self.layers(x).squeeze(-1) - x.sum(1)).pow(2).mean()

    def configure_optimizers(self):
        """AdamW."""
        return torch.optim.AdamW(self.parameters(), lr=1e-2)


class Slow(Callback):
    """Leaves time between epochs, as a real one takes."""

    def on_train_epoch_start(self, *_):
        """Wait."""
        time.sleep(1.0)


def main():
    """Train for four epochs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    lightning.seed_everything(0)
    torch.set_num_threads(1)
    data = TensorDataset(torch.linspace(-1, 1, ROWS * 4).reshape(ROWS, 4))
    loader = DataLoader(data, batch_size=8, sampler=ByEpoch(), num_workers=args.workers)
    trainer = lightning.Trainer(
        max_epochs=4,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        callbacks=[ModelCheckpoint("out", filename="{epoch}", save_top_k=-1), Slow()],
    )
    last = max(map(str, Path("out").glob("*.ckpt")), default=None) if args.resume else None
    trainer.fit(Net(), loader, ckpt_path=last, weights_only=False)


main()
