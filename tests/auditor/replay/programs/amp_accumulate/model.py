"""A small transformer encoder that tells which of some rules made a sequence."""

import torch
from torch import nn


class Encoder(nn.Module):
    """Embedding, two encoder layers, mean over time, classifier."""

    def __init__(self, vocabulary=32, classes=8, width=32, length=16):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(torch.randn(length, width) * 0.02)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(width, classes)

    def forward(self, tokens):
        """Map (batch, length) tokens to (batch, classes) logits."""
        x = self.embedding(tokens) + self.position
        return self.head(self.encoder(x).mean(dim=1))


def make_sequences(count, seed, vocabulary=32, classes=8, length=16):
    """Sequences x[t+1] = x[t] + rule (mod vocabulary) with some tokens replaced; the rule is the label."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(classes, (count,), generator=generator)
    start = torch.randint(vocabulary, (count, 1), generator=generator)
    tokens = (start + torch.arange(length) * (labels + 1).unsqueeze(1)) % vocabulary
    noise = torch.rand(tokens.shape, generator=generator) < 0.15
    replaced = torch.randint(vocabulary, tokens.shape, generator=generator)
    return torch.where(noise, replaced, tokens), labels
