"""The network that all workers share, and the data."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

FEATURES, CLASSES = 20, 4


class Net(nn.Module):
    """Two hidden layers."""

    def __init__(self, width=64):
        super().__init__()
        self.fc1 = nn.Linear(FEATURES, width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, CLASSES)

    def forward(self, x):
        """Return logits."""
        return self.fc3(torch.tanh(self.fc2(F.relu(self.fc1(x)))))


def make_data(count, seed):
    """Labels from a fixed teacher, features from the seed."""
    teacher = np.random.default_rng(77).normal(size=(FEATURES, CLASSES))
    features = np.random.default_rng(seed).normal(size=(count, FEATURES))
    labels = (features**2 @ teacher).argmax(axis=1)
    return torch.tensor(features, dtype=torch.float32), torch.tensor(labels)
