"""Message passing with index_add and scatter_reduce."""

import torch
from torch import nn


class MeanMax(nn.Module):
    """Combine the mean and the maximum of the neighbours' messages with the node's own state."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.message = nn.Linear(inputs, outputs)
        self.update = nn.Linear(inputs + 2 * outputs, outputs)

    def forward(self, x, edges):
        """Return new states (nodes, outputs) from states (nodes, inputs) and edges (2, count)."""
        source, target = edges
        messages = self.message(x)[source]
        nodes = x.size(0)
        total = x.new_zeros(nodes, messages.size(1)).index_add(0, target, messages)
        degree = x.new_zeros(nodes).index_add(0, target, x.new_ones(len(target)))
        index = target.unsqueeze(1).expand_as(messages)
        largest = x.new_zeros(nodes, messages.size(1)).scatter_reduce(
            0, index, messages, reduce="amax", include_self=False
        )
        mean = total / degree.unsqueeze(1)
        return torch.relu(self.update(torch.cat([x, mean, largest], dim=1)))


class GNN(nn.Module):
    """An embedding for each node, two layers of message passing, and a classifier."""

    def __init__(self, nodes, classes, width=32):
        super().__init__()
        self.embedding = nn.Embedding(nodes, width)
        self.layers = nn.ModuleList([MeanMax(width, width), MeanMax(width, width)])
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(width, classes)

    def forward(self, edges):
        """Return logits (nodes, classes)."""
        x = self.embedding.weight
        for layer in self.layers:
            x = self.dropout(layer(x, edges))
        return self.head(x)
