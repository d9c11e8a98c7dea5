"""A one-dimensional convolutional network for short recordings."""

from __future__ import annotations

import torch
from torch import nn


class KeywordNet(nn.Module):
    """Two strided convolutions, the mean over time, a linear head."""

    def __init__(self, classes: int, channels: int = 16, kernel: int = 5, dropout: float = 0.1) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, channels, kernel, stride=2, padding=kernel // 2),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
            nn.Conv1d(channels, channels * 2, kernel, stride=2, padding=kernel // 2),
            nn.ReLU(),
        )
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels * 2, classes))

    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return self.head(self.features(wave.unsqueeze(1)).mean(-1))
