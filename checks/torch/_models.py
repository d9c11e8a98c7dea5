"""Small models with one layer of each common kind, made inside functions because torch is imported there."""

from __future__ import annotations

VOCABULARY = 50
CLASSES = 10
WIDTH = 64
HEADS = 4
LENGTH = 32
BATCH = 32
SUMMED = {"output": WIDTH, "loss": BATCH, "gradient": BATCH * LENGTH}
"""Length of the longest sum behind one element of each kind of tensor (elements)."""


def classifier(dropout):
    """
    A token classifier: embedding, convolution, batch norm, attention, layer norm, dropout, linear.

    No layer has a gradient that is zero in exact arithmetic (a bias before a norm, the keys' bias of attention): such a
    gradient is pure rounding error in float32, and comparing it means nothing.
    """
    from torch import nn
    from torch.nn import functional

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(VOCABULARY, WIDTH)
            self.convolution = nn.Conv1d(WIDTH, WIDTH, 3, padding=1, bias=False)
            self.batch_norm = nn.BatchNorm1d(WIDTH)
            self.attention = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
            self.layer_norm = nn.LayerNorm(WIDTH)
            self.dropout = nn.Dropout(dropout)
            self.head = nn.Linear(WIDTH, CLASSES)

        def forward(self, tokens, labels):
            hidden = self.embedding(tokens)
            hidden = functional.gelu(self.batch_norm(self.convolution(hidden.transpose(1, 2)))).transpose(1, 2)
            hidden = self.layer_norm(hidden + self.dropout(self.attend(hidden)))
            output = self.head(hidden.mean(1))
            return output, functional.cross_entropy(output, labels)

        def attend(self, hidden):
            parts = self.attention(hidden).unflatten(-1, (3, HEADS, WIDTH // HEADS)).permute(2, 0, 3, 1, 4)
            drop = self.dropout.p if self.training else 0.0
            mixed = functional.scaled_dot_product_attention(*parts.unbind(0), dropout_p=drop)
            return mixed.transpose(1, 2).flatten(-2)

    return Classifier()


def batch():
    """One batch of random tokens and labels, drawn from torch's generator."""
    import torch

    return torch.randint(VOCABULARY, (BATCH, LENGTH)), torch.randint(CLASSES, (BATCH,))


def losses(device):
    """The losses of a few steps of training without dropout."""
    model = classifier(dropout=0.0).to(device)
    optimizer, found = AdamW(model.parameters(), rate=1e-2), []
    for _ in range(3):
        _, loss = model(*(part.to(device) for part in batch()))
        loss.backward()
        optimizer.step()
        found.append(loss)
    return found


class AdamW:
    """
    AdamW through torch's functional form, which runs the same kernels.

    The first `torch.optim` object of a process imports the whole compiler (1.2 s) and writes TORCHINDUCTOR_CACHE_DIR
    into the environment, so later checks would not measure in the user's environment.
    """

    def __init__(self, parameters, rate):
        import torch

        self._parameters = list(parameters)
        self._rate = rate
        self._means = [torch.zeros_like(each) for each in self._parameters]
        self._squares = [torch.zeros_like(each) for each in self._parameters]
        self._steps = [torch.tensor(0.0) for _ in self._parameters]

    def step(self):
        """Update the parameters by their gradients, and clear the gradients."""
        import torch
        from torch.optim.adamw import adamw

        gradients = [each.grad for each in self._parameters]
        with torch.no_grad():
            adamw(
                self._parameters,
                gradients,
                self._means,
                self._squares,
                [],
                self._steps,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=self._rate,
                weight_decay=0.01,
                eps=1e-8,
                maximize=False,
            )
        for each in self._parameters:
            each.grad = None
