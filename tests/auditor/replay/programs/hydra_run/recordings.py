"""Synthetic recordings of keywords, and a sampler whose batches hold as many of each keyword."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

KEYWORDS = ("yes", "no", "stop", "go", "left", "right", "up", "down")


class Recordings(Dataset):
    """A tone of its own frequency and shape for each keyword, with noise."""

    def __init__(self, count: int, length: int, noise: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.names = [KEYWORDS[index] for index in rng.integers(len(KEYWORDS), size=count)]
        times = np.linspace(0.0, 1.0, length)
        waves = []
        for name in self.names:
            number = KEYWORDS.index(name)
            frequency = 3.0 + 2.0 * number + rng.normal(scale=0.3)
            envelope = np.exp(-times * (1 + number % 3))
            wave = envelope * np.sin(2 * np.pi * (frequency * times + rng.random()))
            waves.append(wave + rng.normal(scale=noise, size=length))
        self.waves = torch.tensor(np.array(waves), dtype=torch.float32)
        self.labels = torch.tensor([KEYWORDS.index(name) for name in self.names])

    def __len__(self) -> int:
        """How many recordings."""
        return len(self.names)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Wave and label."""
        return self.waves[index], self.labels[index]


class BalancedBatchSampler(Sampler[list[int]]):
    """Batches with the same number of recordings of each keyword, drawn with replacement."""

    def __init__(self, names: list[str], per_class: int, seed: int) -> None:
        self.per_class = per_class
        self.generator = torch.Generator().manual_seed(seed)
        self.pools = {}
        for name in sorted(set(names)):
            self.pools[name] = torch.tensor([index for index, other in enumerate(names) if other == name])
        self.batches = len(names) // (per_class * len(self.pools))

    def __len__(self) -> int:
        """Batches in an epoch."""
        return self.batches

    def __iter__(self) -> Iterator[list[int]]:
        """Draw from one pool after the other."""
        for _ in range(self.batches):
            batch = []
            for pool in self.pools.values():
                chosen = torch.randint(len(pool), (self.per_class,), generator=self.generator)
                batch.extend(pool[chosen].tolist())
            yield batch
