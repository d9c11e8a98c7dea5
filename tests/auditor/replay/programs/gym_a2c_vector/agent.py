"""The actor-critic network and the statistics that normalise its observations."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


class RunningNorm:
    """Mean and variance of the observations seen so far."""

    def __init__(self, size: int) -> None:
        self.mean = np.zeros(size)
        self.var = np.ones(size)
        self.count = 1e-4

    def update(self, batch: np.ndarray) -> None:
        """Take a batch in (Chan's method)."""
        mean, var, count = batch.mean(0), batch.var(0), len(batch)
        delta, total = mean - self.mean, self.count + count
        self.mean = self.mean + delta * count / total
        joined = self.var * self.count + var * count + delta**2 * self.count * count / total
        self.var, self.count = joined / total, total

    def __call__(self, obs: np.ndarray) -> torch.Tensor:
        """Normalised and cut to [-5, 5]."""
        scaled = (obs - self.mean) / np.sqrt(self.var + 1e-8)
        return torch.as_tensor(np.clip(scaled, -5, 5), dtype=torch.float32)


class ActorCritic(nn.Module):
    """A policy and a value with a body each."""

    def __init__(self, observations: int, actions: int, hidden: int = 64) -> None:
        super().__init__()
        self.policy = nn.Sequential(nn.Linear(observations, hidden), nn.Tanh(), nn.Linear(hidden, actions))
        self.value = nn.Sequential(nn.Linear(observations, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        nn.init.orthogonal_(self.policy[-1].weight, gain=0.01)

    def forward(self, obs: torch.Tensor) -> tuple[torch.distributions.Categorical, torch.Tensor]:
        """Distribution of the actions, and values."""
        return torch.distributions.Categorical(logits=self.policy(obs)), self.value(obs).squeeze(-1)
