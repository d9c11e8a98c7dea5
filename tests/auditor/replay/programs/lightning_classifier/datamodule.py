"""Synthetic tabular data: a mixture of gaussian clusters, a few for each class."""

# ruff: noqa: ARG002, N812

from __future__ import annotations

import lightning as L
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset, random_split


def make_clusters(samples: int, features: int, classes: int, seed: int) -> TensorDataset:
    """Points around three centres for each class, with some noise in the labels."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, 3, features)) * 1.5
    labels = rng.integers(classes, size=samples)
    which = rng.integers(3, size=samples)
    points = centres[labels, which] + rng.normal(size=(samples, features))
    flipped = rng.random(samples) < 0.03
    labels[flipped] = rng.integers(classes, size=int(flipped.sum()))
    return TensorDataset(torch.from_numpy(points).float(), torch.from_numpy(labels))


class ClusterDataModule(L.LightningDataModule):
    """Training, validation and test split of the clusters."""

    def __init__(self, samples: int = 3000, features: int = 20, classes: int = 5, batch_size: int = 64) -> None:
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage: str | None = None) -> None:
        """Make the data and split it; the split is the same for every run."""
        if hasattr(self, "train_set"):
            return
        hp = self.hparams
        full = make_clusters(hp.samples, hp.features, hp.classes, seed=7)
        self.train_set, self.val_set, self.test_set = random_split(
            full, [0.8, 0.1, 0.1], generator=torch.Generator().manual_seed(7)
        )

    def train_dataloader(self) -> DataLoader:
        """Shuffled."""
        return DataLoader(self.train_set, batch_size=self.hparams.batch_size, shuffle=True, drop_last=True)

    def val_dataloader(self) -> DataLoader:
        """In order."""
        return DataLoader(self.val_set, batch_size=256)

    def test_dataloader(self) -> DataLoader:
        """In order."""
        return DataLoader(self.test_set, batch_size=256)
