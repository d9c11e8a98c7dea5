"""A small transformer encoder that classifies sentences."""

# ruff: noqa: N812

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class SentenceClassifier(nn.Module):
    """Embeddings, two encoder layers, the mean over the tokens, a linear head."""

    def __init__(self, vocabulary: int, classes: int, width: int = 48, heads: int = 4, max_length: int = 32) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width, padding_idx=0)
        self.positions = nn.Embedding(max_length, width)
        layer = nn.TransformerEncoderLayer(width, heads, dim_feedforward=96, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.head = nn.Linear(width, classes)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits and the loss."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = self.tokens(input_ids) + self.positions(places)
        hidden = self.encoder(hidden, src_key_padding_mask=attention_mask == 0)
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        logits = self.head(pooled)
        return logits, F.cross_entropy(logits, labels)
