"""The character model: embedding, LSTM layers, and a linear layer over the vocabulary."""

import torch
from torch import nn


class CharLSTM(nn.Module):
    """Predict the next character; the state is carried from one piece of text to the next."""

    def __init__(self, vocabulary, *, width=64, layers=2, dropout=0.1):
        super().__init__()
        self.width, self.layers = width, layers
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, layers, dropout=dropout)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens, state):
        """Map (time, batch) tokens to (time, batch, vocabulary) logits and the new state."""
        output, state = self.lstm(self.embedding(tokens), state)
        return self.head(output), state

    def init_hidden(self, batch):
        """Return the state before the first character."""
        shape = (self.layers, batch, self.width)
        return torch.zeros(shape), torch.zeros(shape)


def carry(state, limit=8.0):
    """Cut the state from the graph of the previous piece, and keep it in a range from which the cells recover."""
    return tuple(part.detach().nan_to_num(posinf=limit, neginf=-limit).clamp(-limit, limit) for part in state)
