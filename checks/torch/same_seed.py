"""
A short training run gives the same bits under the same seed, again in this process and in a fresh one.

Why: every seed is set and each run still gives another result, because something draws from a generator that no seed
reaches, has a race, or reads memory that it never wrote (pytorch#75240). The run holds one layer of each common kind
with its gradients: embedding, convolution, batch and layer norm, attention, dropout, linear, and AdamW. One further
process has a different string hash seed, memory fill and temporary folder; a result may depend on none of them.

Remedy: call `torch.manual_seed`, `numpy.random.seed`, `random.seed` and `torch.use_deterministic_algorithms(True)` at
the start. The finding names the layers whose values differ. If they differ only with the memory fill, an operator
returns memory that it did not write: try another version of torch.
"""

from __future__ import annotations

from ..declare import Check
from ..fingerprint import digest
from . import _models, _state

CHECK = Check(
    tier="quick",
    rule="identical",
    across=("repeat", "process", "perturbed"),
    needs=("numpy",),
    cure="framework-switch",
    explains=("one-thread",),
)
STEPS = 3


def measure(settings):
    """Digests of the losses, of each layer's final parameters, and of the generator's final state."""
    values = {}
    for prefix, device in _state.devices():
        with _state.seeded(20260101):
            values.update({prefix + name: value for name, value in _train(device).items()})
    return values


def _train(device):
    import torch

    model = _models.classifier(dropout=0.1).to(device)
    optimizer = _models.AdamW(model.parameters(), rate=1e-2)
    losses = []
    for _ in range(STEPS):
        tokens, labels = (part.to(device) for part in _models.batch())
        _, loss = model(tokens, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    values = {"layer:" + name: digest(layer.state_dict()) for name, layer in model.named_children() if _holds(layer)}
    generator = torch.get_rng_state() if device.type == "cpu" else torch.cuda.get_rng_state()
    return dict(values, losses=digest(losses), generator=digest(generator))


def _holds(layer):
    return bool(layer.state_dict())
